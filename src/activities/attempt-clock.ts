import { activityInfo } from '@temporalio/activity';

/**
 * Milliseconds from this attempt's beginning to a moment on Temporal's clock. This machine's own may differ, and may be
 * set while the bake goes on: it would end too early, or not at all.
 */
export function leftUntil(moment: string): number {
  return Date.parse(moment) - activityInfo().currentAttemptScheduledTimestampMs;
}
