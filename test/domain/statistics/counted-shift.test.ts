import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type CountedValue,
  estimateCountedShift,
  findCountedMedian,
} from '../../../src/domain/statistics/counted-shift.ts';
import { estimateShift } from '../../../src/domain/statistics/shift.ts';

const buckets = [0.5, 1.5, 3, 6, 12, 24];

/** Fewer than a hundred in all: of more, the shift of single values looks at how they hang together. */
const counts = fc
  .array(fc.nat({ max: 12 }), { minLength: buckets.length, maxLength: buckets.length })
  .filter((each) => each.some((count) => count > 0));

const counted = (each: readonly number[]): CountedValue[] =>
  each.map((count, place) => ({ value: buckets[place] ?? 0, count }));
const expanded = (each: readonly number[]): number[] =>
  each.flatMap((count, place) => new Array<number>(count).fill(buckets[place] ?? 0));

describe('the shift of counted values', () => {
  it('is that of the values one by one', () =>
    fc.assert(
      fc.property(counts, counts, fc.constantFrom(0.8, 0.95, 0.98), (x, y, confidence) => {
        const wanted = estimateShift(expanded(x), expanded(y), confidence);
        assert.deepEqual(estimateCountedShift(counted(x), counted(y), confidence), wanted);
      }),
    ));

  it('is exactly nothing of two that are constant and alike', () => {
    const same = [{ value: 3, count: 1000 }];
    assert.deepEqual(estimateCountedShift(same, same, 0.98), { estimate: 0, low: 0, high: 0 });
    const higher = [{ value: 5, count: 1000 }];
    assert.deepEqual(estimateCountedShift(higher, same, 0.98), { estimate: 2, low: 2, high: 2 });
  });

  it('is less sure where values hang together', () => {
    const [x, y] = [counted([40, 80, 160, 80, 40, 10]), counted([20, 60, 140, 120, 60, 20])];
    const [alone, together] = [estimateCountedShift(x, y, 0.98), estimateCountedShift(x, y, 0.98, [40, 40])];
    assert.equal(together.estimate, alone.estimate);
    assert.ok(together.low <= alone.low && together.high >= alone.high);
    assert.ok(together.high - together.low > alone.high - alone.low);
  });

  it('takes millions as it takes a few', () => {
    const many = estimateCountedShift(
      counted([1e6, 2e6, 3e6, 2e6, 1e6, 5e5]),
      counted([1e6, 2e6, 3e6, 2e6, 1e6, 5e5]),
      0.98,
    );
    assert.deepEqual(many, { estimate: 0, low: 0, high: 0 });
  });

  it('has a median', () => {
    assert.equal(findCountedMedian(counted([1, 0, 2, 0, 0, 0])), 3);
    assert.equal(findCountedMedian(counted([2, 0, 2, 0, 0, 0])), 0.5);
  });
});
