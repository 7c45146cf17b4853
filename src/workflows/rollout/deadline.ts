import { ApplicationFailure, CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { formatDuration } from '../../domain/duration.ts';
import type { Phase } from '../../domain/rollout/rollout.ts';
import type { RolloutContext } from './context.ts';

/**
 * Carries out a phase, or a step of it, within the progress deadline of its service. Without one it has the limits of what it
 * does, and no timer is set.
 *
 * @param plannedMs how long it may take in any case, in milliseconds: the deadline begins after that
 * @throws ApplicationFailure `ProgressDeadline` where it is not over by then; what it did is called off
 */
export async function withinDeadline<T>(
  run: RolloutContext,
  phase: Phase,
  plannedMs: number,
  body: () => Promise<T>,
): Promise<T> {
  const { progressDeadlineMs } = run.input.settings;
  if (progressDeadlineMs === undefined) return body();
  const limitMs = plannedMs + progressDeadlineMs;
  const work = new CancellationScope();
  const watch = new CancellationScope();
  const late = { isSo: false };
  const ring = async (): Promise<void> => {
    await sleep(limitMs, { summary: `${phase} is to be over by then` });
    late.isSo = true;
    work.cancel();
  };
  // It ends before the work does where the rollout is called off.
  const watching = watch.run(ring).catch(ignoreCancellation);
  try {
    return await work.run(body);
  } catch (error) {
    if (!late.isSo || !isCancellation(error)) throw error;
    throw lateFailure(phase, plannedMs, progressDeadlineMs);
  } finally {
    watch.cancel();
    await watching;
  }
}

function lateFailure(phase: Phase, plannedMs: number, deadlineMs: number): ApplicationFailure {
  const planned = plannedMs === 0 ? '' : `the ${formatDuration(plannedMs)} that it is planned to take, and `;
  const message = `${phase} was not over within ${planned}the progress deadline of ${formatDuration(deadlineMs)}`;
  return ApplicationFailure.create({ type: 'ProgressDeadline', message, nonRetryable: true });
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
