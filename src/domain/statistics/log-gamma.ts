/** From here on the series below is as exact as a double. */
const SERIES_FROM = 10;

/** B₂ₖ / (2k (2k − 1)) of Bernoulli's numbers, for k from 1 on. */
const COEFFICIENTS = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156];

const HALF_LOG_TWO_PI = Math.log(2 * Math.PI) / 2;

/**
 * The logarithm of the gamma function, right to 14 figures: Stirling's series
 * ([DLMF 5.11.1](https://dlmf.nist.gov/5.11.E1)), and for small values Γ(x + 1) = x Γ(x) up to where that holds.
 *
 * @param x more than 0
 */
export function logGamma(x: number): number {
  let product = 1;
  let from = x;
  for (; from < SERIES_FROM; from += 1) product *= from;
  const inverse = 1 / from;
  const series = inverse * COEFFICIENTS.reduceRight((sum, coefficient) => sum * inverse ** 2 + coefficient, 0);
  return (from - 0.5) * Math.log(from) - from + HALF_LOG_TWO_PI + series - Math.log(product);
}
