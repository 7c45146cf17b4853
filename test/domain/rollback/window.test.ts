import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { findWindowEnd, isWindowClosed, judgeReturn, readWindow } from '../../../src/domain/rollback/window.ts';
import type { RollbackWindow } from '../../../src/domain/service/service.ts';

const HOUR = 3_600_000;
const NOW = new Date('2026-03-01T12:00:00.000Z');
const ago = (ms: number): string => new Date(NOW.getTime() - ms).toISOString();

describe('the rollback window', () => {
  // Live is r9; before it were r8, r7 and r5. r6 was gone back from.
  const formerly = [8, 7, 5];
  const rows: [
    window: RollbackWindow | undefined,
    revision: number,
    lostAgoMs: number,
    isAtOnce: boolean,
    why: RegExp,
  ][] = [
    [undefined, 5, 100 * HOUR, true, /^r5 is warm$/],
    [undefined, 6, 100 * HOUR, true, /^r6 is warm$/],
    [{ revisions: 1 }, 8, 100 * HOUR, true, /within the rollback window/],
    [{ revisions: 1 }, 7, 0, false, /^r7 is 2 revisions back, and the rollback window is 1$/],
    [{ revisions: 3 }, 5, 100 * HOUR, true, /within/],
    [{ durationMs: HOUR }, 5, HOUR - 1, true, /within/],
    [{ durationMs: HOUR }, 8, HOUR, false, /^r8 lost its traffic 1h ago, and the rollback window is 1h$/],
    [{ revisions: 2, durationMs: HOUR }, 5, 0, false, /3 revisions back/],
    [{ revisions: 2, durationMs: HOUR }, 7, 2 * HOUR, false, /lost its traffic 2h ago/],
    [{ revisions: 2, durationMs: HOUR }, 7, 1, true, /within/],
    [{ revisions: 9, durationMs: HOUR }, 6, 0, false, /^r6 was not live before what is live now/],
  ];
  for (const [window, revision, lostAgoMs, isAtOnce, why] of rows) {
    it(`${JSON.stringify(window ?? 'none')}: r${revision}, without traffic for ${lostAgoMs} ms`, () => {
      const way = judgeReturn(window, { revision, formerly, since: ago(lostAgoMs), now: NOW });
      assert.equal(way.isAtOnce, isAtOnce);
      assert.match(way.because, why);
    });
  }

  it('is what retention keeps warm where nothing is said', () => {
    const retention = { warm: 2, warmForMs: HOUR };
    assert.deepEqual(readWindow({ retention }), { revisions: 2, durationMs: HOUR });
    assert.deepEqual(readWindow({ retention, rollbackWindow: { revisions: 1 } }), { revisions: 1 });
  });

  it('closes by time, or by the revisions that follow', () => {
    const window = { revisions: 2, durationMs: HOUR };
    assert.equal(findWindowEnd(window, { liveSince: ago(HOUR) }), NOW.toISOString());
    assert.equal(findWindowEnd({ revisions: 2 }, { liveSince: ago(HOUR) }), undefined);
    assert.equal(isWindowClosed(window, { liveSince: ago(HOUR - 1), followers: 0 }, NOW), false);
    assert.equal(isWindowClosed(window, { liveSince: ago(HOUR), followers: 0 }, NOW), true);
    assert.equal(isWindowClosed(window, { liveSince: ago(0), followers: 1 }, NOW), false);
    assert.equal(isWindowClosed(window, { liveSince: ago(0), followers: 2 }, NOW), true);
    assert.equal(isWindowClosed({ revisions: 0 }, { liveSince: ago(0), followers: 0 }, NOW), true);
  });

  it('has closed if and only if the revision before is not gone back to at once any more', () => {
    const windows = fc.record(
      { revisions: fc.integer({ min: 1, max: 5 }), durationMs: fc.integer({ min: 1, max: 10 }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(windows, fc.nat(6), fc.nat(12), (window, followers, agoMs) => {
        // The revisions after it, itself, and the one before it.
        const formerlyLive = Array.from({ length: followers + 2 }, (_, index) => followers + 2 - index);
        const since = ago(agoMs);
        // The latest of them is live.
        const way = judgeReturn(window, { revision: 1, formerly: formerlyLive.slice(1), since, now: NOW });
        assert.equal(isWindowClosed(window, { liveSince: since, followers }, NOW), !way.isAtOnce);
      }),
    );
  });
});
