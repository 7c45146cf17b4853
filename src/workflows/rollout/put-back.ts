import type { TemporalFailure } from '@temporalio/workflow';
import { readPool } from '../../domain/pools/pool.ts';
import { type Hold, createHold } from '../../domain/rollback/hold.ts';
import type { RolloutOutcome } from '../../domain/rollout/rollout.ts';
import { type RevisionRef, formatRevisionName } from '../../domain/service/revision.ts';
import { failureText, failureType } from '../shared/activities.ts';
import { takeDown } from '../teardown/take-down.ts';
import type { RolloutContext } from './context.ts';
import { releaseRevisions } from './traffic.ts';

/** Undoes what was done, latest first: traffic goes back before a stack is touched. */
export async function putBackRollout(run: RolloutContext, error: TemporalFailure): Promise<void> {
  const because = run.controls.aborted ?? failureText(error);
  const hadTraffic = run.exposed && !run.isOnlyInspected;
  const decided: RolloutOutcome = run.controls.aborted ? 'aborted' : hadTraffic ? 'rolled-back' : 'failed';
  const outcome = run.recordedOutcome ?? decided;
  run.progress.status.because = because;
  await run.controls.putBack();
  await run.undo.run();
  run.progress.conclude(outcome, because);
  run.blame = findBlame(run, outcome, error);
}

/** What the release is to blame for; nothing where a person ended the rollout, or a machine was in the way. */
function findBlame(run: RolloutContext, outcome: RolloutOutcome, error: TemporalFailure): Hold | undefined {
  const { kind, number, revision } = run.input;
  const { because, endedAt: at = run.progress.status.startedAt } = run.progress.status;
  const failure = failureType(error);
  return createHold({
    ...{ kind, outcome, number, at, hadTraffic: run.exposed },
    ...(run.controls.abortedBy === undefined ? {} : { endedBy: run.controls.abortedBy }),
    ...(revision ? { revision } : {}),
    ...(failure === undefined ? {} : { failure }),
    ...(because === undefined ? {} : { because }),
  });
}

export async function destroyCandidate(
  run: RolloutContext,
  revision: RevisionRef,
  becomes: 'retired' | 'failed',
): Promise<void> {
  const beside = run.baseline?.left;
  const all = [{ revision, becomes }, ...(beside ? [{ revision: beside, becomes: 'retired' as const }] : [])];
  await run.phase('teardown', async (say) => {
    const because = run.progress.status.because ?? 'the rollout is put back';
    const numbers = all.map((each) => each.revision.number);
    if (run.exposed || run.isPreviewed) await releaseRevisions(run, run.input.revisionSet, numbers, because);
    const done = await Promise.all(
      all.map(async (each) => {
        const { number } = each.revision;
        const task = { ref: run.ref, revision: number, becomes: each.becomes, because };
        const left = await takeDown({ ...task, ...readPool(each.revision) });
        if (left !== undefined) run.progress.quarantine(left);
        return left === undefined ? `${formatRevisionName(number)} is destroyed` : `${left} is quarantined`;
      }),
    );
    say([...done, ...run.progress.cut].join('; '));
  });
}
