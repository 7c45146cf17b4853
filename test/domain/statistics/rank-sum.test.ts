import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findCriticalU } from '../../../src/domain/statistics/rank-sum.ts';
import { rankValues } from '../../../src/domain/statistics/ranks.ts';

describe('ranks', () => {
  it('are shared by equal values', () => {
    assert.deepEqual(rankValues([3, 1, 3, 2, 3]), [4, 1, 4, 2, 4]);
    assert.deepEqual(rankValues([]), []);
  });

  it('are as many values below, and half of the equal ones', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 40 }), (values) => {
        const counted = values.map((value) => {
          const equal = values.filter((other) => other === value).length;
          return values.filter((other) => other < value).length + (equal + 1) / 2;
        });
        assert.deepEqual(rankValues(values), counted);
      }),
    );
  });
});

describe('critical values of the rank sum', () => {
  // qwilcox((1 - confidence) / 2, m, n) of R 4.2.2.
  const rows: [m: number, n: number, confidence: number, critical: number][] = [
    [10, 10, 0.95, 24],
    [10, 13, 0.99, 25],
    [49, 49, 0.95, 925],
    [100, 100, 0.95, 4198],
    [3, 3, 0.95, 0],
  ];
  for (const [m, n, confidence, critical] of rows) {
    it(`is R's for ${m} and ${n} values and ${confidence}`, () => {
      assert.equal(findCriticalU([m, n], confidence), critical);
    });
  }

  it('is further out the more values hang together', () => {
    assert.ok(findCriticalU([200, 200], 0.95, [2, 1]) < findCriticalU([200, 200], 0.95, [1, 1]));
    assert.equal(findCriticalU([200, 300], 0.95, [3, 2]), findCriticalU([300, 200], 0.95, [2, 3]));
  });
});
