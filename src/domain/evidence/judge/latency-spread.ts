import type { CountedValue } from '../../statistics/counted-shift.ts';
import type { LatencyHistogram } from '../../traffic/request-series.ts';

/** How much the looks differ among themselves: what tells latencies that hang together from independent ones. */
export interface LatencySpread {
  /** Looks with any request. */
  looks: number;
  /** Of each look, the square of the sum of its latencies' places in the histogram by how many there were; added up. */
  between: number;
}

/** Fewer looks say nothing of how latencies hang together. */
const LEAST_LOOKS = 5;

export function addLatencyLook(spread: LatencySpread, latency: LatencyHistogram | undefined): LatencySpread {
  const { count, sum } = sumPlaces(latency?.counts ?? []);
  return count === 0 ? spread : { looks: spread.looks + 1, between: spread.between + sum ** 2 / count };
}

/**
 * How many times larger the variance of a mean of these latencies is than it would be if each was independent of those before
 * it; at least 1. By batch means, of which each look is one, over places in the histogram: of latencies themselves, one
 * outlier would decide (C. Alexopoulos and A. F. Seila, "Output Data Analysis", in J. Banks (ed.), Handbook of Simulation,
 * Wiley 1998).
 *
 * @param latency of all looks together
 */
export function estimateLookInflation({ looks, between }: LatencySpread, { counts }: LatencyHistogram): number {
  const { count, sum, squares } = sumPlaces(counts);
  const overall = squares - sum ** 2 / count;
  if (looks < LEAST_LOOKS || overall <= 0) return 1;
  return Math.max(1, (between - sum ** 2 / count) / (looks - 1) / (overall / (count - 1)));
}

/** Each latency as the middle of its bucket. What is beyond the last bound is taken for it. */
export function readLatencies({ boundsMs, counts }: LatencyHistogram): CountedValue[] {
  return counts.map((count, place) => {
    const [above, upTo] = [boundsMs[place - 1] ?? 0, boundsMs[place] ?? boundsMs.at(-1) ?? 0];
    return { value: (above + upTo) / 2, count };
  });
}

function sumPlaces(counts: readonly number[]): { count: number; sum: number; squares: number } {
  const sums = { count: 0, sum: 0, squares: 0 };
  for (const [place, count] of counts.entries()) {
    sums.count += count;
    sums.sum += place * count;
    sums.squares += place ** 2 * count;
  }
  return sums;
}
