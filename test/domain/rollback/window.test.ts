import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { judgeReturn, readWindow } from '../../../src/domain/rollback/window.ts';
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
});
