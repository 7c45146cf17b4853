import { normalQuantile } from './normal.ts';

/** Below this many values in both, U's distribution is counted out; the same bound as in R's `wilcox.test`. */
const EXACT_BELOW = 50;

/**
 * Of Mann and Whitney's U, that is the rank sum less its least value: the least `c` that U is at most with a chance of α/2 or more, where `m` and `n` values are from the same distribution and
 * α is what is left to `confidence`. The `c`-th smallest and the `c`-th largest of all differences then bound the shift
 * between the two with that confidence. 0 where there are too few values for it. Ties do not make U more likely to be so far
 * out: the same `c` errs on the safe side then (J. W. Pratt and J. D. Gibbons, Concepts of Nonparametric Theory, Springer
 * 1981, ch. 5).
 *
 * @param [inM, inN] how much larger the variance of a mean is in each sample than of independent values
 */
export function findCriticalU(
  [m, n]: readonly [m: number, n: number],
  confidence: number,
  [inM, inN]: readonly [inM: number, inN: number] = [1, 1],
): number {
  const tail = (1 - confidence) / 2;
  if (m < EXACT_BELOW && n < EXACT_BELOW && inM === 1 && inN === 1) return exactQuantile(m, n, tail);
  // m n (m + n + 1) / 12, each sample with its own share of it.
  const variance = (m * n * (n * inM + m * inN + 1)) / 12;
  return Math.max(0, Math.round((m * n) / 2 - normalQuantile(1 - tail) * Math.sqrt(variance)));
}

/** The least `u` that U is at most with a chance of `tail` or more, if there are no ties. */
function exactQuantile(m: number, n: number, tail: number): number {
  const counts = countArrangements(m, n);
  const all = counts.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  for (const [u, count] of counts.entries()) {
    sum += count;
    if (sum / all >= tail) return u;
  }
  return counts.length - 1;
}

/**
 * In how many orders of `m` and `n` values U is 0, 1, 2, …: the coefficients of the Gaussian binomial, which is
 * the product of (1 − q^(n+i)) / (1 − q^i) for i from 1 to m.
 */
function countArrangements(m: number, n: number): number[] {
  const counts = [1, ...new Array<number>(m * n).fill(0)];
  for (let i = 1; i <= m; i += 1) {
    for (let u = counts.length - 1; u >= n + i; u -= 1) counts[u] = (counts[u] ?? 0) - (counts[u - n - i] ?? 0);
    for (let u = i; u < counts.length; u += 1) counts[u] = (counts[u] ?? 0) + (counts[u - i] ?? 0);
  }
  return counts;
}
