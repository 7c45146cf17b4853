import { Context } from '@temporalio/activity';

/** Often enough that a lost worker is noticed within the 10 s heartbeat time-out even if several beats are late. */
const BEAT_MS = 2_000;

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
  const timer = setInterval(() => context.heartbeat(details), BEAT_MS);
  try {
    return await body(context.cancellationSignal, (latest) => {
      details = latest;
    });
  } finally {
    clearInterval(timer);
  }
}
