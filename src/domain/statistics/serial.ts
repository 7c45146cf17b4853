import { rankValues } from './ranks.ts';

/** Fewer values say nothing of how they hang together. */
const LEAST_VALUES = 100;

/**
 * How many times larger the variance of a mean over these values is than it would be if each were independent of those
 * before it; at least 1. Latencies are not: a collection of garbage is felt by all who come meanwhile. Taken for
 * independent, they would promise intervals that are too narrow, and call noise a difference.
 *
 * By batch means over the values' ranks (of values themselves, one outlier would decide), in batches of √n:
 * C. Alexopoulos and A. F. Seila, "Output Data Analysis", in J. Banks (ed.), Handbook of Simulation, Wiley 1998.
 *
 * @param values in the order in time
 */
export function estimateSerialInflation(values: readonly number[]): number {
  if (values.length < LEAST_VALUES) return 1;
  const ranks = rankValues(values);
  const overall = variance(ranks);
  // All of them are equal.
  if (overall === 0) return 1;
  const size = Math.floor(Math.sqrt(ranks.length));
  const batches = Array.from({ length: Math.floor(ranks.length / size) }, (_, batch) =>
    mean(ranks.slice(batch * size, (batch + 1) * size)),
  );
  return Math.max(1, (size * variance(batches)) / overall);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
