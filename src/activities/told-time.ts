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

/** The time of the workflow: what it was when it asked, and what has gone by on this machine since. */
export function tellTime({ now }: TimedTask): ToldTime {
  if (now === undefined) return {};
  const gone = Date.now() - activityInfo().currentAttemptScheduledTimestampMs;
  return { at: now + Math.max(0, gone) };
}
