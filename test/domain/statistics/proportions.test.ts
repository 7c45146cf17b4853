import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createGenerator } from '../../../src/domain/statistics/generator.ts';
import { estimateShare, estimateShareDifference, type Share } from '../../../src/domain/statistics/proportions.ts';

const share = fc
  .integer({ min: 1, max: 5000 })
  .chain((of) => fc.record({ of: fc.constant(of), count: fc.integer({ min: 0, max: of }) }));

describe('the difference of two shares', () => {
  // Newcombe 1998, table II, method 10.
  const rows: [one: [number, number], other: [number, number], low: number, high: number][] = [
    [[56, 70], [48, 80], 0.0524, 0.3339],
    [[9, 10], [3, 10], 0.1705, 0.809],
    [[6, 7], [2, 7], 0.0582, 0.8062],
    [[5, 56], [0, 29], -0.0381, 0.1926],
    [[0, 10], [0, 20], -0.1611, 0.2775],
    [[0, 10], [0, 10], -0.2775, 0.2775],
    [[10, 10], [0, 20], 0.6791, 1],
    [[10, 10], [0, 10], 0.6075, 1],
  ];
  for (const [[a, m], [b, n], low, high] of rows) {
    it(`is Newcombe's for ${a}/${m} and ${b}/${n}`, () => {
      const found = estimateShareDifference({ count: a, of: m }, { count: b, of: n }, 0.95);
      assert.equal(found.low.toFixed(4), low.toFixed(4));
      assert.equal(found.high.toFixed(4), high.toFixed(4));
    });
  }

  it('holds its estimate, and changes its sign where the two are swapped', () => {
    fc.assert(
      fc.property(share, share, fc.constantFrom(0.8, 0.95, 0.999), (one, other, confidence) => {
        const { estimate, low, high } = estimateShareDifference(one, other, confidence);
        assert.ok(-1 - 1e-12 <= low && low <= estimate && estimate <= high && high <= 1 + 1e-12);
        const swapped = estimateShareDifference(other, one, confidence);
        assert.ok(Math.abs(swapped.low + high) < 1e-12 && Math.abs(swapped.high + low) < 1e-12);
      }),
    );
  });

  it('is everything, of nothing', () => {
    assert.deepEqual(estimateShare({ count: 0, of: 0 }, 0.95), { estimate: 0, low: 0, high: 1 });
    assert.deepEqual(estimateShareDifference({ count: 0, of: 0 }, { count: 0, of: 0 }, 0.95), {
      estimate: 0,
      low: -1,
      high: 1,
    });
  });

  it('holds the true difference of rare errors in 95 of 100', () => {
    const draw = createGenerator(7);
    const count = (chance: number): Share => {
      let errors = 0;
      for (let request = 0; request < 400; request += 1) if (draw() < chance) errors += 1;
      return { count: errors, of: 400 };
    };
    let covered = 0;
    for (let round = 0; round < 1000; round += 1) {
      const { low, high } = estimateShareDifference(count(0.03), count(0.01), 0.95);
      if (low <= 0.02 && 0.02 <= high) covered += 1;
    }
    assert.ok(covered >= 930 && covered <= 985, `${covered} of 1000`);
  });
});
