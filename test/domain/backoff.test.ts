import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { computeBackoffMs } from '../../src/domain/backoff.ts';

describe('the pause before the next attempt', () => {
  it('doubles up to its maximum', () => {
    const pauses = [1, 2, 3, 4, 5, 6].map((attempt) => computeBackoffMs(attempt, 500, 6000));
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 6000, 6000]);
  });

  it('never falls, never exceeds its maximum, and is a number however many attempts there were', () => {
    const millis = fc.integer({ min: 1, max: 24 * 3_600_000 });
    const attempt = fc.oneof(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 1 }),
    );
    fc.assert(
      fc.property(attempt, millis, millis, (number, initial, maximum) => {
        const pause = computeBackoffMs(number, initial, maximum);
        assert.ok(Number.isSafeInteger(pause) && pause > 0 && pause <= maximum);
        assert.ok(computeBackoffMs(number + 1, initial, maximum) >= pause);
        assert.equal(computeBackoffMs(1, initial, maximum), Math.min(initial, maximum));
      }),
    );
  });

  it('comes to its maximum in the end', () => {
    const initial = fc.integer({ min: 1, max: 60_000 });
    fc.assert(
      fc.property(initial, fc.integer({ min: 1, max: 365 * 24 * 3_600_000 }), (first, maximum) => {
        assert.equal(computeBackoffMs(60, first, maximum), maximum);
      }),
    );
  });
});
