import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { type ChangeStop, STOPPED, readStop } from '../../domain/gates/stop.ts';
import type { PlannedStep } from '../../domain/rollout/plan.ts';
import { makesOwnLooks } from '../../domain/service/router.ts';
import type { RolloutContext } from './context.ts';
import { passGates } from './gates.ts';

/**
 * A move of traffic, once changes are not stopped any more. Whoever writes the route looks for a stop at the same time, so that
 * one that was set a moment before counts, and none costs nothing.
 */
export async function carryOutShift(run: RolloutContext, step: PlannedStep, shift: () => Promise<void>): Promise<void> {
  const { exposed } = run;
  const { weight } = run.progress;
  for (;;) {
    try {
      await shift();
      return;
    } catch (error) {
      const stop = findStop(error);
      if (!stop) throw error;
      // It was not written: until it is, the candidate has what it had.
      run.progress.takeBack(weight);
      const isMarked = run.exposed;
      // A load balancer that makes its own looks lists it already.
      run.exposed = exposed || makesOwnLooks(run.router);
      await passGates(run, 'shift', step.number, stop);
      run.exposed = isMarked;
    }
  }
}

function findStop(error: unknown): ChangeStop | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure) || cause.type !== STOPPED) return undefined;
  return readStop(cause.details?.[0]);
}
