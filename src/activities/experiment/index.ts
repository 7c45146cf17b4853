import { addHeartbeats } from '../heartbeat.ts';
import type { EngineDriver } from '../missing-blueprint.ts';
import type { Ports } from '../ports.ts';
import { addressActivities } from './addresses.ts';
import { beginActivities } from './begin.ts';
import { handOverActivities } from './hand-over.ts';
import { leaseActivities } from './leases.ts';
import { probeActivities } from './probes.ts';
import { runRecordActivities } from './records.ts';
import { RunJournal } from './run-journal.ts';
import { variantActivities } from './variants.ts';

/** Short steps of runs. */
export function createRunActivities({ stacks, audit, catalogue, experiments }: Ports) {
  const journal = new RunJournal(audit);
  return addHeartbeats({
    ...beginActivities(experiments, journal),
    ...handOverActivities(experiments, journal),
    ...leaseActivities(experiments, catalogue, stacks, journal),
    ...runRecordActivities(experiments, journal),
  });
}

/** What lasts because it looks on. */
export function createRunWatchActivities({ routers, audit, experiments }: Ports) {
  const journal = new RunJournal(audit);
  return { ...probeActivities(experiments, journal), ...addressActivities(experiments, routers, journal) };
}

/** Engine operations. */
export function createVariantActivities({
  stacks,
  audit,
  experiments,
}: Pick<Ports, 'audit' | 'experiments'> & { stacks: EngineDriver }) {
  return variantActivities(experiments, stacks, new RunJournal(audit));
}
