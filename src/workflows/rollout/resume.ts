import { CancellationScope, TemporalFailure } from '@temporalio/workflow';
import type { Reached } from '../../activities/recovery.ts';
import { isPreviewed } from '../../domain/rollout/choose-preview.ts';
import type { DeployedRevision } from '../../domain/service/revision-set.ts';
import type { RolloutContext } from './context.ts';
import { localFirst } from '../shared/activities.ts';
import { markPreviewed } from './preview.ts';
import { markExposed } from './traffic.ts';

/*
 * Steps in place are in the history only once their workflow task is. Temporal discards that task when a message came
 * meanwhile, or its worker is lost; the workflow is run again from before it, and may decide otherwise by then: it was
 * superseded, a check fails now. What was done stays done, and is recorded. So the record is asked before anything is
 * put back.
 */

/**
 * The candidate, where it is recorded as settled on: the rollout goes on. Fails with `error` otherwise.
 *
 * @param decideOnMoved is asked where traffic has moved by the record; fails with `error` where it is to be given back
 */
export async function resumeIfSettled(
  run: RolloutContext,
  error: unknown,
  decideOnMoved: (run: RolloutContext, candidate: DeployedRevision, error: unknown) => Promise<void>,
): Promise<DeployedRevision> {
  const { settled, routeWrites } = await readReached(run, error);
  const { candidate } = run;
  if (settled && candidate) return candidate;
  const isAhead = routeWrites > run.routeWrites;
  run.countRouteWrites(routeWrites);
  if (!isAhead || !candidate) throw error;
  if (routeWrites === 1 && isPreviewed(run.input.kind, run.input.settings.strategy)) {
    // That write gave it no traffic.
    markPreviewed(run, candidate);
    throw error;
  }
  markExposed(run, candidate);
  await decideOnMoved(run, candidate, error);
  return candidate;
}

/**
 * Returns where a rollout that brings nothing in is recorded as begun on its one step, or as over: it goes on. Fails
 * with `error` otherwise.
 */
export async function resumeIfBegun(run: RolloutContext, error: unknown): Promise<void> {
  const { settled, routeWrites, outcome } = await readReached(run, error);
  if (!settled && routeWrites === 0 && outcome !== 'succeeded') throw error;
}

async function readReached(run: RolloutContext, error: unknown): Promise<Reached> {
  if (!(error instanceof TemporalFailure)) throw error;
  const ask = () => localFirst('reached', 'how far has it come?', [{ ref: run.ref }]);
  const reached = await CancellationScope.nonCancellable(ask);
  run.recordedOutcome = reached.outcome;
  return reached;
}
