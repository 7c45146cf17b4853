import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NO_PROGRESS, takeLook } from '../../../../src/domain/evidence/judge/progress.ts';
import { AT, ERRORS, LIMIT, counted, pair, progressOf } from './samples.ts';

const increment = fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 50 }), fc.nat({ max: 50 }), fc.nat({ max: 50 }));

describe('the progress of an analysis', () => {
  it('counts from its first look on', () => {
    const first = takeLook(ERRORS, NO_PROGRESS, { at: AT, counts: pair(counted(500, 20), counted(9000, 7)) });
    assert.deepEqual(first.total, { candidate: counted(0, 0) });
    const second = takeLook(ERRORS, first, { at: AT, counts: pair(counted(510, 21), counted(9090, 7)) });
    assert.deepEqual(second.total, pair(counted(10, 1), counted(90, 0)));
  });

  it('adds up what was counted between looks, wherever the router began afresh', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(increment, fc.boolean()), { minLength: 1, maxLength: 20 }), (looks) => {
        let progress = takeLook(ERRORS, NO_PROGRESS, { at: AT, counts: pair(counted(0, 0), counted(0, 0)) });
        let now = [0, 0, 0, 0];
        const sums = [0, 0, 0, 0];
        for (const [more, isAfresh] of looks) {
          // At least one request more of either than before: otherwise nobody could tell.
          const grown = isAfresh ? more : more.map((each, index) => each + (now[index] ?? 0));
          const canTell = !isAfresh || grown.some((each, index) => each < (now[index] ?? 0));
          const since = canTell ? more : more.map((each, index) => each - (now[index] ?? 0));
          now = grown;
          for (const [index, each] of since.entries()) sums[index] = (sums[index] ?? 0) + each;
          const [a = 0, b = 0, c = 0, d = 0] = now;
          progress = takeLook(ERRORS, progress, { at: AT, counts: pair(counted(a, b), counted(c, d)) });
        }
        const [a = 0, b = 0, c = 0, d = 0] = sums;
        assert.deepEqual(progress.total, pair(counted(a, b), counted(c, d)));
      }),
    ));

  it('takes all that a router has counted since it began afresh, of both', () => {
    const progress = progressOf(ERRORS, pair(counted(100, 1), counted(900, 9)), pair(counted(5, 0), counted(950, 9)));
    assert.deepEqual(progress.total, pair(counted(105, 1), counted(1850, 18)));
  });

  it('adds up latencies by their bounds', () => {
    const latencies = [
      [1, 2, 0, 0, 0, 0, 0, 0] as const,
      [1, 5, 1, 0, 0, 0, 0, 0] as const,
      [0, 0, 2, 0, 0, 0, 0, 0] as const,
    ];
    const looks = latencies.map((each) => pair(counted(10, 0, each), counted(10, 0, each)));
    const progress = progressOf(ERRORS, ...looks);
    assert.deepEqual(progress.total.candidate.latency?.counts, [1, 5, 3, 0, 0, 0, 0, 0]);
    assert.equal(progress.spread.baseline.looks, 3);
  });

  it('takes in a look in which one of the two had no requests with the next one', () => {
    const waiting = progressOf(ERRORS, pair(counted(0, 0), counted(90, 3)));
    assert.equal(waiting.evidence.errors, 0);
    const taken = takeLook(ERRORS, waiting, { at: AT, counts: pair(counted(10, 0), counted(90, 3)) });
    assert.equal(taken.evidence.errors, 3);
    assert.ok(Math.abs(taken.evidence.expectedErrors - 0.3) < 1e-12);
    assert.deepEqual(taken.pending, { candidate: counted(0, 0) });
  });

  it('counts in windows of as many requests as it takes', () => {
    const progress = progressOf(LIMIT, pair(counted(60, 1)), pair(counted(120, 1)), pair(counted(130, 9)));
    assert.deepEqual([progress.window, progress.bad], [counted(10, 8), { windows: 0 }]);
    const bad = takeLook(LIMIT, progress, { at: AT, counts: pair(counted(220, 9)) });
    assert.deepEqual([bad.window, bad.bad], [counted(0, 0), { windows: 1, first: counted(100, 8) }]);
  });

  it('says why it could not be measured, until it can again', () => {
    const faulty = progressOf(LIMIT, 'nobody answers', 'it does not list r2');
    assert.deepEqual(faulty.unmeasured, { inRow: 2, why: 'it does not list r2' });
    const well = takeLook(LIMIT, faulty, { at: AT, counts: pair(counted(10, 0)) });
    assert.deepEqual([well.unmeasured, well.looks], [{ inRow: 0 }, 4]);
    assert.deepEqual(well.total.candidate, counted(10, 0));
  });
});
