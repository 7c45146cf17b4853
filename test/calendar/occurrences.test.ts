import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { listOccurrences } from '../../src/calendar/occurrences.ts';
import type { OpeningHours, WindowRule } from '../../src/domain/gates/gate.ts';
import { judgeWindow } from '../../src/domain/gates/window.ts';

const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** In the middle of these, clocks are set forward or back: in Europe, America, Australia by half an hour, and nowhere. */
const CHANGES = [
  { timeZone: 'Europe/Berlin', around: '2026-03-29T01:00:00Z' },
  { timeZone: 'Europe/Berlin', around: '2026-10-25T01:00:00Z' },
  { timeZone: 'America/New_York', around: '2026-03-08T07:00:00Z' },
  { timeZone: 'America/New_York', around: '2026-11-01T06:00:00Z' },
  { timeZone: 'Australia/Lord_Howe', around: '2026-04-04T15:00:00Z' },
  { timeZone: 'Australia/Lord_Howe', around: '2026-10-03T15:30:00Z' },
  { timeZone: 'UTC', around: '2026-03-29T01:00:00Z' },
];

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What a clock on the wall shows there: by the platform's own calendar, and by nothing of ours. */
function readClock(timeZone: string, moment: number): { day: string; hour: number; minute: number } {
  const known = clocks.get(timeZone);
  const options = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const clock = known ?? new Intl.DateTimeFormat('en-US', options);
  clocks.set(timeZone, clock);
  const parts = Object.fromEntries(clock.formatToParts(moment).map(({ type, value }) => [type, value]));
  return {
    day: (parts.weekday ?? '').slice(0, 2).toUpperCase(),
    hour: Number(parts.hour),
    minute: Number(parts.minute),
  };
}

interface Weekly {
  days: string[];
  hour: number;
  minute: number;
}

const someWeekly: fc.Arbitrary<Weekly> = fc.record({
  days: fc.subarray(DAYS, { minLength: 1 }),
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.constantFrom(0, 15, 30, 45),
});

const ruleOf = ({ days, hour, minute }: Weekly): string =>
  `FREQ=WEEKLY;BYDAY=${days.join(',')};BYHOUR=${hour};BYMINUTE=${minute}`;

/** Minute by minute: whenever the clock shows the time, but not where it is set back to it. */
function listByTheClock({ days, hour, minute }: Weekly, timeZone: string, from: number, to: number): number[] {
  const found: number[] = [];
  for (let moment = Math.ceil(from / QUARTER_MS) * QUARTER_MS; moment < to; moment += QUARTER_MS) {
    const shown = readClock(timeZone, moment);
    if (shown.hour !== hour || shown.minute !== minute || !days.includes(shown.day)) continue;
    // The second time in one day.
    if (found.some((earlier) => moment - earlier < 3 * HOUR_MS)) continue;
    found.push(moment);
  }
  return found;
}

describe('occurrences', () => {
  it('are when a clock on the wall shows their time, also where clocks are changed', () => {
    fc.assert(
      fc.property(someWeekly, fc.constantFrom(...CHANGES), (weekly, { timeZone, around }) => {
        const middle = Date.parse(around);
        const [from, to] = [middle - 3 * DAY_MS, middle + 3 * DAY_MS];
        const rule: WindowRule = { rule: ruleOf(weekly), forMs: HOUR_MS };
        const iso = (moments: number[]) => moments.map((moment) => new Date(moment).toISOString());
        assert.deepEqual(
          iso(listOccurrences(rule, timeZone, from, to)),
          iso(listByTheClock(weekly, timeZone, from, to)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('count from the first day', () => {
    const rule = { rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO', forMs: HOUR_MS, starts: '2026-01-05' };
    const found = listOccurrences(rule, 'UTC', Date.parse('2026-01-01'), Date.parse('2026-02-10'));
    assert.deepEqual(
      found.map((moment) => new Date(moment).toISOString().slice(0, 10)),
      ['2026-01-05', '2026-01-19', '2026-02-02'],
    );
  });

  it('of a day that never comes are none', () => {
    const never = { rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', forMs: HOUR_MS };
    assert.deepEqual(listOccurrences(never, 'UTC', Date.parse('2026-01-01'), Date.parse('2027-01-01')), []);
  });
});

describe('a window', () => {
  it('is open where the union of what is allowed is, without what is denied, and stays so until it says', () => {
    const rules = fc.array(fc.record({ weekly: someWeekly, hours: fc.integer({ min: 1, max: 40 }) }), { maxLength: 2 });
    fc.assert(
      fc.property(
        rules,
        rules,
        fc.constantFrom(...CHANGES),
        fc.integer({ min: -2 * 96, max: 2 * 96 }),
        (allow, deny, { timeZone, around }, quarters) => {
          const now = Date.parse(around) + quarters * QUARTER_MS;
          const toRules = (list: typeof allow) =>
            list.map(({ weekly, hours }) => ({ rule: ruleOf(weekly), forMs: hours * HOUR_MS }));
          const hours: OpeningHours = { timeZone, allow: toRules(allow), deny: toRules(deny) };
          const covers = (list: typeof allow, moment: number): boolean =>
            list.some(
              ({ weekly, hours: lasts }) =>
                listByTheClock(weekly, timeZone, moment - lasts * HOUR_MS + 1, moment + 1).length > 0,
            );
          const isOpen = (moment: number): boolean =>
            (allow.length === 0 || covers(allow, moment)) && !covers(deny, moment);
          const look = judgeWindow(hours, now, listOccurrences);
          assert.equal(look.isOpen, isOpen(now));
          assert.equal(look.because === undefined, look.isOpen);
          const until = look.until === undefined ? Infinity : Date.parse(look.until);
          assert.ok(until > now);
          for (let moment = now; moment < Math.min(until, now + 2 * DAY_MS); moment += 3 * HOUR_MS) {
            assert.equal(isOpen(moment), look.isOpen, new Date(moment).toISOString());
          }
          if (until < Infinity) assert.equal(isOpen(until), !look.isOpen, look.until);
        },
      ),
      { numRuns: 40 },
    );
  });

  const tables: [what: string, hours: Partial<OpeningHours>, at: string, isOpen: boolean, until: string | undefined][] =
    [
      ['nothing is denied', { deny: [] }, '2026-06-01T00:00:00Z', true, undefined],
      [
        'at its beginning',
        { allow: [{ rule: 'FREQ=DAILY;BYHOUR=9', forMs: HOUR_MS }] },
        '2026-06-01T09:00:00Z',
        true,
        '2026-06-01T10:00:00.000Z',
      ],
      [
        'at its end',
        { allow: [{ rule: 'FREQ=DAILY;BYHOUR=9', forMs: HOUR_MS }] },
        '2026-06-01T10:00:00Z',
        false,
        '2026-06-02T09:00:00.000Z',
      ],
      [
        'two that touch leave no gap',
        { allow: [{ rule: 'FREQ=DAILY;BYHOUR=9,10', forMs: HOUR_MS }] },
        '2026-06-01T09:00:00Z',
        true,
        '2026-06-01T11:00:00.000Z',
      ],
      [
        'days that follow each other never end',
        { allow: [{ rule: 'FREQ=DAILY', forMs: DAY_MS }] },
        '2026-06-01T09:00:00Z',
        true,
        undefined,
      ],
      [
        'a freeze at the end of the year',
        { deny: [{ rule: 'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20', forMs: 14 * DAY_MS }] },
        '2026-12-31T09:00:00Z',
        false,
        '2027-01-03T00:00:00.000Z',
      ],
      [
        'once in a leap year',
        { allow: [{ rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', forMs: DAY_MS }] },
        '2026-06-01T00:00:00Z',
        false,
        '2028-02-29T00:00:00.000Z',
      ],
      [
        'in the past for good',
        { allow: [{ rule: 'FREQ=DAILY;COUNT=1', forMs: DAY_MS, starts: '2025-01-01' }] },
        '2026-06-01T00:00:00Z',
        false,
        undefined,
      ],
    ];
  for (const [what, hours, at, isOpen, until] of tables) {
    it(what, () => {
      const look = judgeWindow({ timeZone: 'UTC', ...hours }, Date.parse(at), listOccurrences);
      assert.deepEqual([look.isOpen, look.until], [isOpen, until]);
    });
  }

  it('of day-long hours ends an hour late on the day on which clocks are set forward', () => {
    const hours = { timeZone: 'Europe/Berlin', allow: [{ rule: 'FREQ=WEEKLY;BYDAY=SU', forMs: DAY_MS }] };
    const look = judgeWindow(hours, Date.parse('2026-03-29T10:00:00Z'), listOccurrences);
    assert.equal(look.until, '2026-03-29T23:00:00.000Z');
  });
});
