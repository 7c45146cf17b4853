import { activityInfo } from '@temporalio/activity';

/** What is told the time of the workflow that asks. */
export interface TimedTask {
  /** In milliseconds; absent from older workflows. */
  now?: number;
}

/** What tells a workflow the time that its history has from then on. */
export interface ToldTime {
  /** In milliseconds. */
  at?: number;
}

/** No step in place takes longer. What a clock that was set meanwhile makes of it would hold for all requests that follow. */
const LONGEST_MS = 5_000;

/**
 * The time of the workflow: what it was when it asked, and for a step in place what has gone by on this machine since. An ordinary
 * activity is scheduled by the server, whose clock may be another one; its workflow has the server's time once it is done.
 */
export function tellTime({ now }: TimedTask): ToldTime {
  if (now === undefined) return {};
  const { isLocal, currentAttemptScheduledTimestampMs: scheduled } = activityInfo();
  const gone = isLocal ? Date.now() - scheduled : 0;
  return { at: now + Math.min(Math.max(0, gone), LONGEST_MS) };
}
