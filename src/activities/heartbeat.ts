import { Context } from '@temporalio/activity';
import { HEARTBEAT_TIMEOUT_MS, beatMs } from '../domain/heartbeats.ts';

/**
 * Keeps the activity alive while `body` runs, independent of whether it makes progress: an engine may be silent for
 * minutes. What `body` reports travels along, for the Temporal UI and anyone who asks why something takes its time. The SDK
 * holds beats back that come too often.
 */
export async function withHeartbeats<T>(
  body: (signal: AbortSignal, report: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  // Taken here because async context does not reach the engine's callbacks.
  const context = Context.current();
  // Each beat takes the place of the one before: what a lost attempt has told must not be lost with the next one.
  let details: unknown = context.info.heartbeatDetails;
  // In place nobody listens: there the workflow task says that it goes on.
  const { isLocal, heartbeatTimeoutMs = HEARTBEAT_TIMEOUT_MS } = context.info;
  const beat = (): void => context.heartbeat(details);
  const timer = isLocal ? undefined : setInterval(beat, beatMs(heartbeatTimeoutMs));
  try {
    return await body(context.cancellationSignal, (latest) => {
      details = latest;
      if (!isLocal) beat();
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
export function addHeartbeats<T extends Record<string, Activity>>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    (task: never) => withHeartbeats(() => activity(task)),
  ]);
  return Object.fromEntries(wrapped) as T;
}
