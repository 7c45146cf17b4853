import { logGamma } from './log-gamma.ts';

/** The logarithm of the beta function. Both are more than 0. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/**
 * The logarithm of the chance that what is drawn from Beta(a, b) is more than `x`. It is exact far out, too, where the
 * chance itself would be 0.
 *
 * @param x more than 0 and less than 1
 */
export function logBetaAbove(x: number, a: number, b: number): number {
  return logIncompleteBeta(1 - x, b, a);
}

/** Of the regularised incomplete beta function, from the end where its continued fraction is short. */
function logIncompleteBeta(x: number, a: number, b: number): number {
  if (x < (a + 1) / (a + b + 2)) return logByFraction(x, a, b);
  return Math.log1p(-Math.exp(logByFraction(1 - x, b, a)));
}

/** Smaller changes do not matter any more. */
const PRECISION = 1e-14;
/** It takes as many terms as the root of the larger of `a` and `b`. */
const MOST_TERMS = 1_000_000;
/** Stands for 0, by which nothing can be divided. */
const TINY = 1e-300;

/** By the continued fraction of [DLMF 8.17.22](https://dlmf.nist.gov/8.17.E22), from its front (Lentz's method). */
function logByFraction(x: number, a: number, b: number): number {
  let [fraction, above, below] = [1, 1, 0];
  for (let place = 1; place <= MOST_TERMS; place += 1) {
    const term = coefficient(place, x, a, b);
    below = 1 / nonZero(1 + term * below);
    above = nonZero(1 + term / above);
    fraction *= above * below;
    if (Math.abs(above * below - 1) < PRECISION) break;
  }
  return a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) - logBeta(a, b) - Math.log(fraction);
}

function coefficient(place: number, x: number, a: number, b: number): number {
  const m = Math.floor(place / 2);
  if (place % 2 === 0) return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
  return (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
