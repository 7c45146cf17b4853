import assert from 'node:assert/strict';
import { listOccurrences } from '../../../src/calendar/occurrences.ts';
import { judgeWindow } from '../../../src/domain/gates/window.ts';
import { denyUntil } from './spec.ts';

describe('a window of chaos that opens in a moment', () => {
  it('is closed until then, and open after', () => {
    for (const end of [
      Date.UTC(2026, 10, 30, 12, 0, 3, 250),
      Date.UTC(2026, 10, 30, 0, 0, 20),
      Date.UTC(2026, 10, 30, 9, 59, 59),
    ]) {
      const hours = { timeZone: 'UTC', deny: [denyUntil(end)] };
      const before = judgeWindow(hours, end - 6_000, listOccurrences);
      assert.deepEqual([before.isOpen, before.until], [false, new Date(end).toISOString()]);
      assert.equal(judgeWindow(hours, end, listOccurrences).isOpen, true);
    }
  });
});
