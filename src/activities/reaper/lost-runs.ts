import type { RunRef, RunStatus } from '../../domain/experiment/run.ts';
import type { ExperimentStore, RunRecord } from '../../store/experiments/stores.ts';
import type { Facts } from './facts.ts';
import type { RunJournal } from '../experiment/run-journal.ts';
import { ACTOR } from './reaper-journal.ts';

interface LostRunParts {
  experiments: ExperimentStore;
  facts: Pick<Facts, 'workflow'>;
  journal: RunJournal;
}

/**
 * Puts down that runs are over of which there is nothing left: neither a workflow nor a lease. One whose workflow was never
 * seen may yet be started.
 */
export async function settleLostRuns(parts: LostRunParts): Promise<void> {
  for (const record of await parts.experiments.runs.open()) {
    if (record.firstRunId !== undefined) await settleRun(record, parts);
  }
}

/** The same of one run. */
export async function settleLostRun(run: RunRef, parts: LostRunParts): Promise<void> {
  const record = await parts.experiments.runs.find(run);
  if (record && record.status.outcome === undefined) await settleRun(record, parts);
}

async function settleRun({ status, workflowId }: RunRecord, parts: LostRunParts): Promise<void> {
  const { experiments, facts, journal } = parts;
  if ((await facts.workflow(workflowId)) !== 'gone') return;
  // Looked at after the workflow: what takes leases is gone by then, and what records its end.
  if ((await experiments.leases.list(status)).length > 0) return;
  const left = await experiments.runs.find(status);
  if (left?.status.outcome !== undefined) return;
  const because = 'its workflow is gone: it was terminated, or Temporal has lost it';
  const data = { outcome: 'lost' };
  await journal.write(status, { type: 'run.ended', step: 'end', actor: ACTOR, data, reason: because });
  await experiments.runs.save(loseRun(left?.status ?? status, because, new Date()));
}

function loseRun({ wait: _over, ...status }: RunStatus, because: string, now: Date): RunStatus {
  const endedAt = now.toISOString();
  return {
    ...status,
    outcome: 'lost',
    because,
    endedAt,
    phases: status.phases.map((phase) => {
      if (phase.state === 'running') return { ...phase, state: 'failed', endedAt, note: because };
      return phase.state === 'pending' ? { ...phase, state: 'skipped' } : phase;
    }),
    variants: status.variants.map(({ address: _gone, ...variant }) => ({ ...variant, endpoints: [], state: 'gone' })),
  };
}
