import { locateVariant } from '../../domain/experiment/experiment.ts';
import type { Lease } from '../../domain/experiment/lease.ts';
import { type RunPlan, type RunRef, type RunVariant, formatRunName } from '../../domain/experiment/run.ts';
import { readPool } from '../../domain/pools/pool.ts';
import { formatArtifactLabel, formatStackName } from '../../domain/service/revision.ts';
import type { StackInput } from '../../stacks/driver.ts';
import type { ExperimentStore, RunRecord } from '../../store/experiments/stores.ts';
import { createPermanentFailure } from '../failures.ts';

/**
 * A run as it is recorded.
 *
 * @throws ApplicationFailure `NotRecorded`, not to be retried, where it is not
 */
export async function requireRun({ runs }: Pick<ExperimentStore, 'runs'>, ref: RunRef): Promise<RunRecord> {
  const record = await runs.find(ref);
  if (record) return record;
  throw createPermanentFailure('NotRecorded', `${formatRunName(ref)} is not recorded`);
}

/**
 * What a run does.
 *
 * @throws ApplicationFailure `NotRecorded`, not to be retried, where it has taken no leases
 */
export async function requirePlan(
  store: Pick<ExperimentStore, 'runs'>,
  ref: RunRef,
): Promise<{ record: RunRecord; plan: RunPlan }> {
  const record = await requireRun(store, ref);
  if (record.plan) return { record, plan: record.plan };
  throw createPermanentFailure('NotRecorded', `${formatRunName(ref)} has taken no leases`);
}

/** Names the stack of a variant. */
export function locateStack({ experiment, run }: RunRef, variant: string): Pick<Lease, 'project' | 'stack'> {
  const { service, revision } = locateVariant(experiment, run, variant);
  return { project: service.environment, stack: formatStackName(service, revision) };
}

/** What the engine is given for a variant: what its lease says that it is made from. */
export function toStackInput({ run, variant, artifact, blueprint }: Lease): StackInput {
  return { ...locateVariant(run.experiment, run.run, variant), artifact, blueprint };
}

/** A variant that has a lease, and no more yet. */
export function toVariant({ variant, artifact, blueprint }: Lease): RunVariant {
  const label = formatArtifactLabel(artifact);
  const { name } = blueprint;
  return { name: variant, artifact: label, blueprint: name, ...readPool(blueprint), endpoints: [], state: 'leased' };
}
