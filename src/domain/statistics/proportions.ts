import { normalQuantile } from './normal.ts';
import type { Interval } from './shift.ts';

/** How many of how many. */
export interface Share {
  of: number;
  count: number;
}

/** Wilson's score interval of a share (E. B. Wilson, JASA 22, 1927). Of none it is everything. */
export function estimateShare({ count, of }: Share, confidence: number): Interval {
  if (of === 0) return { estimate: 0, low: 0, high: 1 };
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const estimate = count / of;
  const centre = estimate + z ** 2 / (2 * of);
  const reach = z * Math.sqrt((estimate * (1 - estimate)) / of + (z / (2 * of)) ** 2);
  const scale = 1 + z ** 2 / of;
  // At the ends it is exactly 0 or 1, which rounding must not hide.
  return {
    estimate,
    low: count === 0 ? 0 : (centre - reach) / scale,
    high: count === of ? 1 : (centre + reach) / scale,
  };
}

/**
 * How much higher one share is than the other: Newcombe's hybrid score interval, which is right for small counts, too, and
 * for none at all (R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
 * Medicine 17, 1998, 873–890, method 10).
 *
 * @param confidence as a share: 0.95
 */
export function estimateShareDifference(one: Share, other: Share, confidence: number): Interval {
  const [a, b] = [estimateShare(one, confidence), estimateShare(other, confidence)];
  const estimate = a.estimate - b.estimate;
  return {
    estimate,
    low: estimate - Math.hypot(a.estimate - a.low, b.high - b.estimate),
    high: estimate + Math.hypot(a.high - a.estimate, b.estimate - b.low),
  };
}
