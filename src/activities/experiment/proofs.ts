import { judgeDrill } from '../../domain/experiment/drill/judge.ts';
import type { RunStatus } from '../../domain/experiment/run.ts';
import { MOST_KNOWN_ROLLBACKS, type RollbackProof, toKnownRollback } from '../../domain/rollback/proof.ts';
import type { KnownRollback } from '../../domain/rollback/verdict.ts';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import type { ExperimentStore, ProofLog, RunRecord } from '../../store/experiments/stores.ts';
import type { RunJournal } from './run-journal.ts';

/** What a drill has found out about its rollback, on record before anybody sees that it is over. */
export async function recordProof(
  { proofs }: Pick<ExperimentStore, 'proofs'>,
  journal: RunJournal,
  { plan }: RunRecord,
  status: RunStatus,
  ending: NonNullable<RunRecord['stop']>,
): Promise<void> {
  const verdict = judgeDrill(ending);
  const drill = plan?.drill;
  if (!drill || !verdict) return;
  const { service, from, to } = drill;
  const { experiment, run, actor } = status;
  const because = verdict === 'disproven' ? ending.reason : undefined;
  const written = await journal.write(status, {
    type: `rollback-safety.${verdict}`,
    step: 'verdict',
    actor,
    subject: formatServiceId(service),
    data: { from: from.label, fromRelease: from.release, to: to.label, toRelease: to.release },
    ...(because === undefined ? {} : { reason: because }),
  });
  const proof: RollbackProof = {
    ...{ service, verdict, run: { experiment, run } },
    // As it was first written, whenever a repeat comes.
    at: written?.at ?? new Date().toISOString(),
    ...{ from: from.release, to: to.release, fromLabel: from.label, toLabel: to.label },
    ...(because === undefined ? {} : { because }),
  };
  await proofs.save(proof);
}

/** What drills have found out about a release. */
export async function readKnownRollbacks(
  proofs: Pick<ProofLog, 'list'>,
  service: ServiceKey,
  from: string,
): Promise<KnownRollback[]> {
  return (await proofs.list(service, { from, limit: MOST_KNOWN_ROLLBACKS })).map(toKnownRollback);
}
