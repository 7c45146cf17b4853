import { Context } from '@temporalio/activity';

/** Often enough that three beats may be late or lost within the heartbeat time-out of 3.5 s. */
const BEAT_MS = 1_000;

/**
 * Keeps the activity alive while `body` runs, independent of whether it makes progress: an engine may be silent for
 * minutes. What `body` reports travels along for the Temporal UI.
 */
export async function beating<T>(
  body: (signal: AbortSignal, report: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  // Taken here because async context does not reach the engine's callbacks.
  const context = Context.current();
  let details: unknown;
  // In place nobody listens: there the workflow task says that it goes on.
  const timer = context.info.isLocal ? undefined : setInterval(() => context.heartbeat(details), BEAT_MS);
  try {
    return await body(context.cancellationSignal, (latest) => {
      details = latest;
    });
  } finally {
    clearInterval(timer);
  }
}

type Activity = (task: never) => Promise<unknown>;

/**
 * Lets short activities beat, too: one that is repeated as an ordinary activity must not be waited for a whole minute
 * when its worker dies.
 */
export function allBeating<T extends Record<string, Activity>>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    (task: never) => beating(() => activity(task)),
  ]);
  return Object.fromEntries(wrapped) as T;
}
