import { findCriticalU } from './rank-sum.ts';
import type { Interval } from './shift.ts';

/** A value, and how many times it was measured. */
export interface CountedValue {
  value: number;
  count: number;
}

/**
 * The same as {@link estimateShift} of values that are many and few of them different, such as a histogram's: of each pair of
 * values the difference is taken once, and counted as often as there are pairs of it. Ties and constants are taken as they
 * are.
 *
 * @param x neither it nor `y` is without any count
 * @param inflation how much larger the variance of a mean is in each sample than of independent values
 */
export function estimateCountedShift(
  x: readonly CountedValue[],
  y: readonly CountedValue[],
  confidence: number,
  inflation: readonly [inX: number, inY: number] = [1, 1],
): Interval {
  const differences = x
    .flatMap((one) => y.map((other) => ({ value: one.value - other.value, count: one.count * other.count })))
    .filter(({ count }) => count > 0)
    .sort((one, other) => one.value - other.value);
  const sizes = [countAll(x), countAll(y)] as const;
  const pairs = sizes[0] * sizes[1];
  const place = Math.min(Math.max(findCriticalU(sizes, confidence, inflation), 1), Math.ceil(pairs / 2));
  const middle = (pairs + 1) / 2;
  const select = (rank: number): number => selectCounted(differences, rank);
  return {
    estimate: (select(Math.floor(middle)) + select(Math.ceil(middle))) / 2,
    low: select(place),
    high: select(pairs + 1 - place),
  };
}

/** The median of values that are sorted upwards; the lower one of two. */
export function findCountedMedian(values: readonly CountedValue[]): number {
  return selectCounted(values, Math.ceil(countAll(values) / 2));
}

export function countAll(values: readonly CountedValue[]): number {
  return values.reduce((sum, { count }) => sum + count, 0);
}

/** The `rank`-th smallest, from 1 on. @param values sorted upwards */
function selectCounted(values: readonly CountedValue[], rank: number): number {
  let upTo = 0;
  for (const { value, count } of values) {
    upTo += count;
    if (upTo >= rank) return value;
  }
  return values.at(-1)?.value ?? NaN;
}
