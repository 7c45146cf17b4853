import { type RunStatus, formatRunName } from '../../domain/experiment/run.ts';
import type { ExperimentStore } from '../../store/experiments/stores.ts';
import type { RunJournal } from './run-journal.ts';

/** Has other runs end for one that takes their place, on record. Returns their workflows, which are to be told. */
export async function endForRun(
  { runs }: Pick<ExperimentStore, 'runs'>,
  journal: RunJournal,
  status: Pick<RunStatus, 'experiment' | 'run' | 'actor'>,
  { runs: others, reason }: { runs: readonly number[]; reason: string },
): Promise<string[]> {
  const { experiment, actor } = status;
  const asked: string[] = [];
  for (const run of others) {
    const event = { type: 'run.stop-requested', step: `by-${formatRunName(status)}`, actor, reason };
    await journal.write({ experiment, run }, { ...event, data: { outcome: 'replaced' } });
    const other = await runs.ask({ experiment, run }, { stop: { by: actor, reason, outcome: 'replaced' } });
    if (other) asked.push(other.workflowId);
  }
  return asked;
}
