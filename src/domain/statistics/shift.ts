import { selectDifference } from './pairwise-differences.ts';
import { findCriticalU } from './rank-sum.ts';
import { estimateSerialInflation } from './serial.ts';

/** An estimate with the interval that it is in. */
export interface Interval {
  estimate: number;
  low: number;
  high: number;
}

/**
 * How much higher the values of `x` are than those of `y`: Hodges and Lehmann's estimate, the median of all differences
 * between the two, and the interval of Mann and Whitney's test, from one of those differences to another. Neither needs a
 * shape of the distributions, and outliers do not move them (M. Hollander, D. A. Wolfe, E. Chicken, Nonparametric Statistical
 * Methods, Wiley 2013, 4.1 to 4.3). Constants and ties are taken as they are. With so few values that no interval reaches
 * the confidence, it is from the least difference to the largest.
 *
 * @param x in the order in time, as `y` is: how values hang together with those before makes the interval wider. Neither is
 *   empty
 * @param confidence as a share: 0.95
 */
export function estimateShift(x: readonly number[], y: readonly number[], confidence: number): Interval {
  const [m, n] = [x.length, y.length];
  const pairs = m * n;
  const [above, below] = [x, y].map((values) => values.toSorted((one, other) => one - other)) as [number[], number[]];
  const select = (rank: number): number => selectDifference(above, below, rank);
  const critical = findCriticalU([m, n], confidence, [estimateSerialInflation(x), estimateSerialInflation(y)]);
  const place = Math.min(Math.max(critical, 1), Math.ceil(pairs / 2));
  const middle = (pairs + 1) / 2;
  return {
    estimate: (select(Math.floor(middle)) + select(Math.ceil(middle))) / 2,
    low: select(place),
    high: select(pairs + 1 - place),
  };
}
