/** Pause before the next attempt, in milliseconds: `initial × 2^(attempt-1)`, at most `maximum`. Attempts count from 1. */
export function computeBackoffMs(attempt: number, initialMs: number, maximumMs: number): number {
  return Math.min(maximumMs, initialMs * 2 ** Math.min(attempt - 1, 40));
}
