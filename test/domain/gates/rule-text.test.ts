import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findRuleFaults, isDay } from '../../../src/domain/gates/rule-text.ts';

describe('the rule of a window', () => {
  for (const rule of [
    'FREQ=DAILY',
    'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH;BYHOUR=9;BYMINUTE=30',
    'FREQ=MONTHLY;BYDAY=-1FR',
    'FREQ=MONTHLY;BYMONTHDAY=1,-1;INTERVAL=2',
    'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20',
    'FREQ=YEARLY;BYWEEKNO=20,-1;WKST=MO',
    'FREQ=DAILY;UNTIL=20261231T235959Z',
    'FREQ=DAILY;COUNT=3',
  ]) {
    it(`may be ${rule}`, () => assert.deepEqual(findRuleFaults(rule), []));
  }

  for (const [rule, ...faults] of [
    ['', /an RRULE of RFC 5545/],
    ['every day', /an RRULE of RFC 5545/],
    ['FREQ=HOURLY', /FREQ as one of DAILY/],
    ['BYDAY=MO', /FREQ, one of/],
    ['FREQ=DAILY;BYHOUR=24;BYMINUTE=60', /BYHOUR as numbers from 0 to 23/, /BYMINUTE/],
    ['FREQ=DAILY;FOO=1', /and not FOO/],
    ['FREQ=DAILY;BYDAY=XX', /BYDAY as days/],
    ['FREQ=WEEKLY;BYDAY=MO,,TU', /BYDAY as days/],
    ['FREQ=WEEKLY;BYDAY=1MO', /numbered days in BYDAY/],
    ['FREQ=WEEKLY;BYMONTHDAY=1', /BYMONTHDAY not with/],
    ['FREQ=DAILY;BYWEEKNO=1', /BYWEEKNO with FREQ=YEARLY/],
    ['FREQ=DAILY;COUNT=1;UNTIL=20261231T235959Z', /not both/],
    ['FREQ=DAILY;UNTIL=20261231', /UNTIL as a time in UTC/],
    ['FREQ=DAILY;FREQ=DAILY', /FREQ once/],
    ['FREQ=DAILY;INTERVAL=0', /INTERVAL as a whole number/],
    [`FREQ=DAILY;BYHOUR=${'1,'.repeat(300)}1`, /at most 400 characters/],
  ] as [string, ...RegExp[]][]) {
    it(`may not be ${rule.slice(0, 60) || 'empty'}`, () => {
      const found = findRuleFaults(rule);
      for (const [index, fault] of faults.entries()) assert.match(found[index] ?? '', fault);
      assert.equal(found.length, faults.length, found.join('; '));
    });
  }

  it('begins on a day that there is', () => {
    assert.ok(isDay('2024-02-29'));
    for (const day of ['2026-02-29', '2026-13-01', '26-01-01', '2026-1-1', 'today']) assert.ok(!isDay(day), day);
  });
});
