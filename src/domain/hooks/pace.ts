/** Between two calls of a hook that is in progress, or does not answer, in milliseconds. */
const SHORTEST_MS = 500;
const LONGEST_MS = 5 * 60_000;
/** The longer it has taken, the less a while more matters: calls, and with them a history, grow with the logarithm. */
const SHARE = 0.1;

/**
 * When a hook is asked again that has been waited for so long: after a tenth of that, five minutes at most; or when it wants to
 * be, which may be earlier only by half.
 *
 * @returns milliseconds from now; undefined where its time is over by then
 */
export function computeNextCallMs(
  waitedMs: number,
  limitMs: number,
  retryAfterMs: number | undefined,
): number | undefined {
  const leftMs = limitMs - waitedMs;
  if (leftMs <= 0) return undefined;
  const usual = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, Math.round(waitedMs * SHARE)));
  const asked = retryAfterMs === undefined ? usual : Math.min(LONGEST_MS, Math.max(usual / 2, retryAfterMs));
  // The last call is made when the time is over, so that what was done by then counts.
  return Math.max(1, Math.min(asked, leftMs));
}
