import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { BeginAnswer } from '../../activities/experiment/begin.ts';
import { computeBackoffMs } from '../../domain/backoff.ts';
import type { RunStartKind } from '../../domain/experiment/messages.ts';
import { type ExperimentInput, formatRunName } from '../../domain/experiment/run.ts';
import { localFirst } from '../shared/activities.ts';
import { runChangedSignal } from '../shared/messages.ts';
import type { RunContext } from './context.ts';

/** Between two looks whether it may begin; it is told as well, by a run that comes to its end. */
const FIRST_LOOK_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

export type Admitted = Exclude<BeginAnswer, { kind: 'waits' }>;

/** Has the run begin, or not take place; as long as another one goes on after which it may, it waits. */
export async function admitRun(
  run: RunContext,
  { experiment }: ExperimentInput,
  start: RunStartKind,
  at: string,
): Promise<Admitted> {
  const task = { experiment, ...run.owner, start, at };
  const told = new Set<string>();
  for (let look = 1; ; look += 1) {
    const seen = run.controls.changes;
    const answer = await localFirst('beginRun', look === 1 ? 'its number, and may it begin?' : 'may it begin?', [task]);
    run.know(answer.status);
    if (answer.kind !== 'waits') {
      run.progress.wait(undefined);
      return answer;
    }
    showWait(run, answer);
    for (const other of answer.stop.filter((id) => !told.has(id))) {
      await tell(other);
      told.add(other);
    }
    const pauseMs = computeBackoffMs(look, FIRST_LOOK_MS, LONGEST_PAUSE_MS);
    await run.controls.changed(seen, pauseMs, `run ${answer.behind} goes on`);
  }
}

function showWait(run: RunContext, { behind, until, stop }: Extract<BeginAnswer, { kind: 'waits' }>): void {
  const other = formatRunName({ ...run.ref, run: behind });
  const isReplacing = stop.length > 0;
  run.progress.wait({
    on: `the stacks of ${other} to be gone${isReplacing ? ', whose place it takes' : ''}`,
    since: run.status.wait?.since ?? new Date().toISOString(),
    until,
    endedBy: isReplacing ? 'stop of this run' : `stop of this run, or of ${other}`,
    then: 'it begins, if its budget lets it',
  });
}

/** Has another run look at its record. */
export async function tell(workflowId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(runChangedSignal);
  } catch {
    // It is over, or was terminated; one that begins reads its record. Whoever waits looks again by itself.
  }
}
