import { ApplicationFailure, TemporalFailure, isCancellation } from '@temporalio/workflow';
import { type FreezeDecision, decideAftermath, readFreeze } from '../../domain/rollback/aftermath.ts';
import type { RolloutContext } from './context.ts';
import { failureText, localFirst } from '../shared/activities.ts';
import { GATE_CLOSED } from './gates.ts';

/**
 * Does something under traffic. Where it fails and the rollout may not go back by itself, all stays as it is until somebody
 * decides: it is done again, or passed over. What is to be put back fails.
 *
 * @param body gets what was decided of the attempt before; undefined at first
 * @param before what was decided already
 */
export async function orFreeze(
  run: RolloutContext,
  body: (decided: FreezeDecision | undefined) => Promise<void>,
  before?: FreezeDecision,
): Promise<void> {
  const already = run.freezes - (before === undefined ? 0 : 1);
  try {
    for (let decided = before; ;) {
      run.retries = run.freezes - already;
      run.isPassedOver = decided === 'promote' && run.keepsRule('lasting-decisions');
      try {
        await run.controls.demandable(() => body(decided));
        return;
      } catch (error) {
        decided = await freeze(run, error);
      }
    }
  } finally {
    run.retries = 0;
    run.isPassedOver = false;
  }
}

/** Waits for a decision; fails with `error` where there is none to take, since the rollout is to be put back. */
export async function freeze(run: RolloutContext, error: unknown): Promise<FreezeDecision> {
  if (!isFreezing(run, error)) throw error;
  const { kind, settings } = run.input;
  const because = failureText(error);
  const since = new Date();
  const { forMs, then } = readFreeze(kind, settings.freezeOnFail);
  const until = new Date(since.getTime() + forMs).toISOString();
  run.freezes += 1;
  await localFirst('recordFreeze', 'it is frozen until somebody decides', [
    { ref: run.ref, round: run.freezes, until, then, because },
  ]);
  const decided = await run.controls.freeze({ because, since: since.toISOString() }, { limitMs: forMs, until, then });
  // Gates are passed by those who may, or by break-glass: it is waited for anew, and nothing else has failed.
  return decided === 'promote' && isGateClosed(error) && run.keepsRule('lasting-decisions') ? 'retry' : decided;
}

function isGateClosed(error: TemporalFailure): boolean {
  return error instanceof ApplicationFailure && error.type === GATE_CLOSED;
}

function isFreezing({ input, controls, progress }: RolloutContext, error: unknown): error is TemporalFailure {
  if (!(error instanceof TemporalFailure)) return false;
  const isCalledOff = controls.aborted !== undefined || isCancellation(error);
  const { kind, settings } = input;
  return decideAftermath({ kind, isCalledOff, hasTraffic: progress.hasTraffic }, settings.freezeOnFail) === 'freeze';
}
