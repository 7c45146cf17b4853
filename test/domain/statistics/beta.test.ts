import assert from 'node:assert/strict';
import fc from 'fast-check';
import { logBeta, logBetaAbove } from '../../../src/domain/statistics/beta.ts';
import { logGamma } from '../../../src/domain/statistics/log-gamma.ts';

function assertNear(found: number, wanted: number, within = 1e-12): void {
  const off = Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));
  assert.ok(off < within, `${found}, wanted ${wanted}`);
}

describe('the logarithm of the gamma function', () => {
  // lgamma of R 4.2.2.
  const rows: [x: number, logGamma: number][] = [
    [1e-3, 6.90717888538385],
    [0.5, 0.5723649429247],
    [1.5, -0.120782237635245],
    [10, 12.8018274800815],
    [100, 359.134205369575],
    [1e6, 12815504.5691476],
  ];
  for (const [x, wanted] of rows) it(`is R's at ${x}`, () => assertNear(logGamma(x), wanted));

  it('is that of factorials', () => {
    let factorial = 0;
    for (let n = 1; n <= 500; n += 1) {
      assertNear(logGamma(n), factorial);
      factorial += Math.log(n);
    }
  });
});

describe('what is drawn from a beta distribution', () => {
  it('is more than x as often as a binomial count is less than a', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (a, b, x) => {
          const tries = a + b - 1;
          let below = 0;
          for (let count = 0; count < a; count += 1) {
            const ways = logGamma(tries + 1) - logGamma(count + 1) - logGamma(tries - count + 1);
            below += Math.exp(ways + count * Math.log(x) + (tries - count) * Math.log1p(-x));
          }
          assertNear(Math.exp(logBetaAbove(x, a, b)), below, 1e-9);
        },
      ),
    ));

  // pbeta(x, a, b, lower.tail = FALSE, log.p = TRUE) is a closed form where one of the two is 1.
  it('is told where the chance itself would be 0', () => {
    assertNear(logBetaAbove(0.9, 1, 1e6), 1e6 * Math.log(0.1));
    assertNear(logBetaAbove(0.1, 1, 9), 9 * Math.log(0.9));
    assert.ok(Number.isFinite(logBetaAbove(0.5, 1e5, 1e6)));
    assertNear(Math.exp(logBetaAbove(0.5, 1e6, 1e6)), 0.5, 1e-6);
  });

  it('has the weight that its function says', () => {
    assertNear(logBeta(2, 3), Math.log(1 / 12));
    assertNear(logBeta(1, 9), Math.log(1 / 9));
  });
});
