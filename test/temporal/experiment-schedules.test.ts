import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ScheduleSpec } from '../../src/domain/experiment/schedule.ts';
import { describeSchedule } from '../../src/domain/experiment/schedule-words.ts';
import type { ExperimentRecord } from '../../src/store/experiments/stores.ts';
import {
  type Scheduled,
  buildSchedule,
  isCurrent,
  isScheduled,
  parseScheduleId,
} from '../../src/temporal/experiment-schedules.ts';
import { experimentSpec } from '../domain/experiment/samples.ts';

const EVERY = { everyMs: 3_600_000, offsetMs: 60_000 };
const NOW = new Date('2026-06-01T00:00:00Z');

function record(schedule: ScheduleSpec, changes: Partial<ExperimentRecord> = {}): Scheduled {
  return { spec: { ...experimentSpec(), schedule }, lastRun: 0, version: 3, ...changes } as Scheduled;
}

describe('schedules of experiments', () => {
  for (const [schedule, spec, words] of [
    [{ cron: ['0 2 * * *', '0 4 * * 1'] }, { cronExpressions: ['0 2 * * *', '0 4 * * 1'] }, '0 2 * * * and 0 4 * * 1'],
    [{ every: EVERY }, { intervals: [{ every: 3_600_000, offset: 60_000 }] }, 'every 1h, 1m later'],
    [
      { calendar: [{ hour: [2, 14], dayOfWeek: [1, 5], month: [1, 12], dayOfMonth: [1], minute: [30] }, {}] },
      {
        calendars: [
          {
            ...{ hour: [2, 14], minute: [30], dayOfMonth: [1] },
            ...{ month: ['JANUARY', 'DECEMBER'], dayOfWeek: ['MONDAY', 'FRIDAY'] },
          },
          {},
        ],
      },
      'month 1,12, day of the month 1, day of the week 1,5, hour 2,14, minute 30 and hour 0, minute 0',
    ],
    [
      {
        ...{ cron: ['0 2 * * *'], every: { everyMs: 60_000, offsetMs: 0 }, timeZone: 'Europe/Berlin', jitterMs: 5_000 },
        ...{ startAt: '2026-01-01T00:00:00Z', endAt: '2027-01-01T00:00:00Z' },
      },
      {
        ...{ cronExpressions: ['0 2 * * *'], intervals: [{ every: 60_000, offset: 0 }] },
        ...{ timezone: 'Europe/Berlin', jitter: 5_000 },
        ...{ startAt: new Date('2026-01-01T00:00:00Z'), endAt: new Date('2027-01-01T00:00:00Z') },
      },
      '0 2 * * * (Europe/Berlin) and every 1m',
    ],
  ] as [ScheduleSpec, object, string][]) {
    it(`are as described: ${words}`, () => {
      assert.deepEqual(buildSchedule(record(schedule), 'queue').spec, spec);
      assert.equal(describeSchedule(schedule), words);
    });
  }

  it('start the workflow of a run, however many there are', () => {
    const { scheduleId, action, policies, state } = buildSchedule(record({ every: EVERY }), 'queue');
    assert.equal(scheduleId, 'experiment/nightly/production');
    assert.equal(action.workflowType, 'experiment');
    assert.equal(action.workflowId, 'experiment/nightly/production/at');
    assert.deepEqual(action.args, [{ v: 1, experiment: { name: 'nightly', environment: 'production' } }]);
    assert.deepEqual(policies, { overlap: 'ALLOW_ALL', catchupWindow: '1m', pauseOnFailure: false });
    assert.deepEqual(state, { paused: false, note: 'version 3' });
  });

  it('say who has paused them', () => {
    const paused = { by: 'ada', at: '2026-05-01T00:00:00Z', reason: 'quiet' };
    const { state } = buildSchedule(record({ every: EVERY }, { paused }), 'queue');
    assert.deepEqual(state, { paused: true, note: 'version 3; paused by ada at 2026-05-01T00:00:00Z: quiet' });
  });

  for (const [what, state, expected] of [
    ['of this version', { paused: false, note: 'version 3' }, true],
    ['of another version', { paused: false, note: 'version 30' }, false],
    ['paused beside Supplant', { paused: true, note: 'version 3' }, false],
    ['of somebody else', { paused: false, note: 'mine' }, false],
    ['without a note', { paused: false }, false],
  ] as const) {
    it(`are ${expected ? '' : 'not '}current: ${what}`, () => {
      assert.equal(isCurrent(state, record({ every: EVERY })), expected);
    });
  }

  for (const [what, found, expected] of [
    ['with a schedule', record({ every: EVERY }), true],
    ['that is paused', record({ every: EVERY }, { paused: { by: 'ada', at: '' } }), true],
    ['whose schedule is over', record({ every: EVERY, endAt: '2026-05-31T23:59:59Z' }), false],
    ['whose schedule ends later', record({ every: EVERY, endAt: '2026-06-01T00:00:01Z' }), true],
    ['that was deleted', record({ every: EVERY }, { deletedAt: '2026-05-01T00:00:00Z' }), false],
    ['on demand', { ...record({ every: EVERY }), spec: experimentSpec() }, false],
  ] as [string, ExperimentRecord, boolean][]) {
    it(`are ${expected ? '' : 'not '}there for an experiment ${what}`, () => {
      assert.equal(isScheduled(found, NOW), expected);
    });
  }

  it('are known by their ids', () => {
    assert.deepEqual(parseScheduleId('experiment/nightly/production'), { name: 'nightly', environment: 'production' });
    for (const id of ['reaper', 'experiment/nightly', 'experiment/nightly/production/at']) {
      assert.equal(parseScheduleId(id), undefined);
    }
  });
});
