import { createConfigRedactor } from '../../../secrets/secrets.ts';
import type { OperationContext } from '../../driver.ts';
import { EventLog } from './engine-events.ts';
import { followEvents } from './event-file.ts';
import type { OperationFolder, OperationSpec } from './operation-folder.ts';
import type { Outcome } from './outcome.ts';
import { type SilenceLimits, Stopper } from './stopper.ts';
import { stopLimitMs } from './stopping.ts';

/** A runner at work, whoever has started it. */
export interface FollowedRunner {
  folder: OperationFolder;
  spec: OperationSpec;
  /** Settled once there is an outcome, or the runner has ended without one. */
  over: Promise<unknown>;
  /** Has it come to an outcome soon, or ends it. */
  stop: () => Promise<void>;
}

export interface FollowSettings extends SilenceLimits {
  /** What the runner is given to stop its engine, three times in a row, in milliseconds. */
  stopGraceMs: number;
}

/** `outcome` is missing where the runner has ended without one; `stopped` says why it was told to end. */
export interface Followed {
  outcome?: Outcome;
  stopped?: Stopper['stopped'];
}

/**
 * Tells the caller of a runner's progress and hands on its wish to stop, until the runner is through. A runner notices
 * by itself that its engine hangs; that it hangs itself is noticed here, later than it would have told.
 */
export async function followRunner(
  { folder, spec, over, stop }: FollowedRunner,
  { idleMs, stepMs, stopGraceMs }: FollowSettings,
  context: OperationContext,
): Promise<Followed> {
  const events = new EventLog(
    spec.operation,
    (progress) => context.onProgress(progress),
    await createConfigRedactor(spec.input.blueprint.config),
  );
  const later = stopLimitMs(stopGraceMs);
  const stopper = new Stopper(events, { idleMs: idleMs + later, stepMs: stepMs + later }, context.signal);
  const followed = await followEvents(folder.eventFile, (event) => events.note(event));
  try {
    stopper.watch(stop);
    await over;
  } finally {
    await stopper.done();
    await followed.finish();
  }
  const outcome = await folder.outcome();
  return { ...(outcome && { outcome }), ...(stopper.stopped && { stopped: stopper.stopped }) };
}
