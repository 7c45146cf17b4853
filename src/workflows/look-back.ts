import { CancellationScope, TemporalFailure, patched } from '@temporalio/workflow';
import type { Reached } from '../activities/look-back.ts';
import type { Placement } from '../domain/standing.ts';
import type { Run } from './run.ts';
import { quickly } from './steps.ts';
import { expose } from './traffic.ts';

/*
 * Steps in place are in the history only once their workflow task is. Temporal discards that task when a message came
 * meanwhile, or its worker is lost; the workflow is run again from before it, and may decide otherwise by then: it was
 * superseded, a check fails now. What was done stays done, and is on record. So the record is asked before anything is
 * put back.
 */

/** The candidate, where it is on record as settled on: the rollout goes on. Fails with `error` otherwise. */
export async function unlessSettled(run: Run, error: unknown): Promise<Placement> {
  const { settled, routed } = await lookBack(run, error);
  const { candidate } = run;
  if (settled && candidate) return candidate;
  if (routed && candidate && !run.hasWritten) {
    // That write's generation is taken.
    run.nextGeneration();
    expose(run, candidate);
  }
  throw error;
}

/**
 * Returns where a rollout that brings nothing in is on record as begun on its one step, or as over: it goes on. Fails
 * with `error` otherwise.
 */
export async function unlessBegun(run: Run, error: unknown): Promise<void> {
  const { settled, routed, outcome } = await lookBack(run, error);
  if (!settled && !routed && outcome !== 'succeeded') throw error;
}

async function lookBack(run: Run, error: unknown): Promise<Reached> {
  if (!(error instanceof TemporalFailure) || !patched('look-back-before-putting-back')) throw error;
  const look = () => quickly('reached', 'how far has it come?', [{ ref: run.ref }]);
  const reached = await CancellationScope.nonCancellable(look);
  run.recordedOutcome = reached.outcome;
  return reached;
}
