import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type ExperimentSpec, LONGEST_TTL_MS, MOST_VARIANTS } from '../../../src/domain/experiment/experiment.ts';
import { findBudgetFaults, findExperimentFaults } from '../../../src/domain/experiment/faults.ts';
import type { ScheduleSpec } from '../../../src/domain/experiment/schedule.ts';
import { experimentSpec, loadProbe } from './samples.ts';

const HOUR_MS = 3_600_000;
const [blue, green] = experimentSpec().variants as [ExperimentSpec['variants'][0], ExperimentSpec['variants'][0]];
const check = { kind: 'check', name: 'up', check: {} as never } as const;
const compare = { baseline: 'blue', confidence: 0.95, tolerance: 0.05 };

describe('faults of experiments', () => {
  const limits = { longestTtlMs: LONGEST_TTL_MS };

  for (const [what, changes] of Object.entries<Partial<ExperimentSpec>>({
    'two variants under load': {},
    'one variant without anything': { variants: [blue], probes: [], compare: undefined as never },
    'the longest ttl': { ttlMs: LONGEST_TTL_MS },
    'a budget for one run': { budget: { stacks: 2, stackHoursPerDay: 2 } },
    'a schedule of every kind': {
      schedule: {
        cron: ['0 2 * * *', '*/15 8-18 1,15 jan-jun MON-FRI', '0 0 * * 7'],
        every: { everyMs: HOUR_MS, offsetMs: 60_000 },
        calendar: [{ hour: [2], dayOfWeek: [0, 6] }],
        ...{ timeZone: 'America/Argentina/Buenos_Aires', jitterMs: 0 },
        ...{ startAt: '2026-01-01T00:00:00Z', endAt: '2027-01-01T00:00:00Z' },
      },
    },
    'an address': { addresses: { blue: 8090, green: 8091 } },
  })) {
    it(`has none: ${what}`, () => assert.deepEqual(findExperimentFaults(experimentSpec(changes), limits), []));
  }

  const names = Array.from({ length: MOST_VARIANTS + 1 }, (_, index) => ({ ...blue, name: `v${index}` }));
  for (const [what, changes, expected] of [
    ['a name', { experiment: { name: 'a--b', environment: 'production' } }, /^name: .*found 'a--b'/],
    ['an environment', { experiment: { name: 'a', environment: 'P' } }, /^environment: .*found 'P'/],
    ['no variants', { variants: [], compare: undefined }, /^variants: expected 1 to 8, found 0/],
    ['too many variants', { variants: [...names, blue] }, /^variants: expected 1 to 8, found 10/],
    [
      'a name of a variant',
      { variants: [blue, green, { ...blue, name: 'x'.repeat(15) }] },
      /^variants\[2\]\.name: .*x{15}/,
    ],
    ['a variant twice', { variants: [blue, green, green] }, /^variants\[2\]\.name: .*'green' again/],
    ['a probe twice', { probes: [loadProbe(), loadProbe()] }, /^probes\[1\]\.name: .*'steady' again/],
    ['a load beyond the ttl', { ttlMs: 65_000 }, /^probes\[0\]\.load\.for: .*ttl of 1m5s .*found 1m5s/],
    ['one variant to compare', { variants: [blue] }, /^compare: expected two variants at least/],
    ['nothing to compare by', { probes: [check] }, /^compare: expected a load/],
    [
      'another baseline',
      { compare: { ...compare, baseline: 'bleu' } },
      /^compare\.baseline: .*\(blue, green\), found 'bleu'/,
    ],
    [
      'a check to compare by',
      { probes: [loadProbe(), check], compare: { ...compare, probes: ['up'] } },
      /^compare\.probes\[0\]: .*\(steady\), found 'up'/,
    ],
    ['a confidence', { compare: { ...compare, confidence: 95 } }, /^compare\.confidence: .*found 95/],
    ['a tolerance', { compare: { ...compare, tolerance: -1 } }, /^compare\.tolerance: .*found -1/],
    ['a ttl beyond the limit', { ttlMs: LONGEST_TTL_MS + 1 }, /^ttl: expected at most 168h, found 168h1ms/],
    ['results that are not kept', { keepMs: 0 }, /^keep: expected more than 0/],
    ['a budget of stacks', { budget: { stacks: 1 } }, /^budget\.stacks: expected 2 at least, .*found 1/],
    [
      'a budget that has no room for the next run',
      { overlap: 'hand-over', budget: { stacks: 3 } },
      /^budget\.stacks: expected 4 at least, since with overlap hand-over .*found 3/,
    ],
    [
      'a budget of hours',
      { budget: { stackHoursPerDay: 1.5 } },
      /^budget\.stackHoursPerDay: expected 2 .* for up to 1h, found 1.5/,
    ],
    ['an address of nobody', { addresses: { gren: 8090 } }, /^addresses\.gren: .*found 'gren'/],
    ['an address twice', { addresses: { blue: 8090, green: 8090 } }, /^addresses\.green: .*8090, which blue has/],
    ['no port', { addresses: { blue: 70_000 } }, /^addresses\.blue: .*found 70000/],
  ] as const) {
    it(`names ${what}`, () => {
      const found = findExperimentFaults(experimentSpec(changes as Partial<ExperimentSpec>), limits);
      assert.equal(found.length, 1, JSON.stringify(found));
      assert.match(`${found[0]?.path}: ${found[0]?.message}`, expected);
    });
  }

  it('tells all of them at once', () => {
    const found = findExperimentFaults(experimentSpec({ variants: [], ttlMs: 0 }), limits);
    assert.ok(found.length > 3, JSON.stringify(found));
  });

  it('has the budget refuse what it can never allow', () => {
    assert.deepEqual(findBudgetFaults(experimentSpec({ budget: { stacks: 2 } })), []);
    assert.equal(findBudgetFaults(experimentSpec({ budget: { stacks: 1, stackHoursPerDay: 1 } })).length, 2);
  });
});

describe('faults of schedules', () => {
  for (const [schedule, expected] of [
    [{}, /^schedule: expected one of cron, every and calendar/],
    [{ cron: ['0 2 * *'] }, /^schedule\.cron\[0\]: expected five fields/],
    [{ cron: [''] }, /^schedule\.cron\[0\]: expected five fields/],
    [{ cron: ['0 2 * * *', '60 2 * * *'] }, /^schedule\.cron\[1\]: expected the minute .*from 0 to 59, .*found '60'/],
    [{ cron: ['0 24 * * *'] }, /the hour/],
    [{ cron: ['0 0 0 * *'] }, /the day of the month/],
    [{ cron: ['0 0 * foo *'] }, /the month .*jan to dec/],
    [{ cron: ['0 0 * * 8'] }, /the day of the week/],
    [{ cron: ['*/0 0 * * *'] }, /the minute/],
    [{ cron: ['5-1 0 * * *'] }, /the minute/],
    [{ cron: ['1-2-3 0 * * *'] }, /the minute/],
    [{ every: { everyMs: 500, offsetMs: 0 } }, /^schedule\.every: expected whole seconds, 1s at least, found 500ms/],
    [{ every: { everyMs: 60_500, offsetMs: 0 } }, /^schedule\.every/],
    [{ every: { everyMs: 60_000, offsetMs: 60_000 } }, /^schedule\.offset/],
    [{ calendar: [{}, { hour: [2, 24] }] }, /^schedule\.calendar\[1\]\.hour: .*0 to 23, found 24/],
    [{ calendar: [{ month: [1.5] }] }, /^schedule\.calendar\[0\]\.month/],
    [{ cron: ['0 2 * * *'], timeZone: 'Europe/Belrin' }, /^schedule\.timeZone: .*'Europe\/Belrin'/],
    [{ cron: ['0 2 * * *'], timeZone: '+01:00' }, /^schedule\.timeZone/],
    [{ cron: ['0 2 * * *'], jitterMs: -1 }, /^schedule\.jitter/],
    [{ cron: ['0 2 * * *'], startAt: 'soon' }, /^schedule\.start: .*'soon'/],
    [
      { cron: ['0 2 * * *'], startAt: '2027-01-01T00:00:00Z', endAt: '2026-01-01T00:00:00Z' },
      /^schedule\.end: .*after/,
    ],
  ] as [ScheduleSpec, RegExp][]) {
    it(`are named: ${JSON.stringify(schedule)}`, () => {
      const found = findExperimentFaults(experimentSpec({ schedule }), { longestTtlMs: LONGEST_TTL_MS });
      assert.equal(found.length, 1, JSON.stringify(found));
      assert.match(`${found[0]?.path}: ${found[0]?.message}`, expected);
    });
  }
});
