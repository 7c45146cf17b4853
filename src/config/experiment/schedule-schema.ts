import { z } from 'zod';
import { checkCron } from '../../domain/experiment/cron.ts';
import { ALWAYS, duration, FIRST, list, mapping, text } from '../fields.ts';
import { refuse } from '../problems.ts';
import { numberSet } from './number-set.ts';
import { moment, timeZone } from './time-field.ts';

const SECOND = 1_000;
const DAY = 86_400_000;
const YEAR = 365 * DAY;
const MOST_TIMES = 20;

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');

const cronText = text('an expression of five fields, such as 0 2 * * *').superRefine((value, context) => {
  const fault = checkCron(value);
  if (fault) refuse(context, fault);
}, FIRST);

const cron = z.union([
  cronText,
  list(cronText, { list: 'an expression or a list of such', empty: 'one expression at least, or no cron key' }).max(
    MOST_TIMES,
    { error: `at most ${MOST_TIMES} expressions` },
  ),
]);

const calendar = mapping({
  hour: numberSet({ least: 0, most: 23, what: 'an hour' }).optional().describe('Hours.').meta({ default: 0 }),
  minute: numberSet({ least: 0, most: 59, what: 'a minute' }).optional().describe('Minutes.').meta({ default: 0 }),
  dayOfMonth: numberSet({ least: 1, most: 31, what: 'a day' })
    .optional()
    .describe('Days of the month; any unless told.'),
  month: numberSet({ least: 1, most: 12, what: 'a month', names: MONTHS })
    .optional()
    .describe('Months; any unless told.'),
  dayOfWeek: numberSet({ least: 0, most: 6, what: 'a day of the week', names: WEEKDAYS })
    .optional()
    .describe('Days of the week, 0 for Sunday; any unless told.'),
});

const schedule = mapping(
  {
    cron: cron
      .optional()
      .describe(
        'Expressions of five fields, minute first; one or a list. Where both a day of the month and one of the week are given, both have to hold.',
      )
      .meta({ $comment: 'an expression, or a list of such' }),
    every: duration({ least: SECOND, most: YEAR, words: 'from 1s to 365 days (8760h)' })
      .optional()
      .describe('At this interval, counted from 1970-01-01T00:00Z.'),
    offset: duration({ least: 0, most: YEAR, words: 'of less than every' })
      .optional()
      .describe('How much later than that.')
      .meta({ default: '0s' }),
    calendar: list(calendar, {
      list: 'a list such as [{hour: 2, dayOfWeek: mon-fri}]',
      empty: 'one entry at least, or no calendar key',
    })
      .max(MOST_TIMES, { error: `at most ${MOST_TIMES} entries` })
      .optional()
      .describe('Sets of times: every time that one of them has.'),
    timeZone: timeZone()
      .optional()
      .describe('Where the times of cron and calendar count, by its IANA name.')
      .meta({ default: 'UTC' }),
    jitter: duration({ least: 0, most: DAY, words: 'of at most a day (24h)' })
      .optional()
      .describe('Each time is put off by a random part of this, so that not everything begins at once.')
      .meta({ default: '0s' }),
    start: moment().optional().describe('No run before. A time with its zone, such as 2026-12-01T08:00:00Z.'),
    end: moment().optional().describe('No run after.'),
  },
  { timezone: 'timeZone', interval: 'every', phase: 'offset' },
);

/** The `schedule` of an experiment. */
export const scheduleSchema = schedule
  .superRefine(({ cron: expressions, every, offset, calendar: times }, context) => {
    if (expressions === undefined && every === undefined && times === undefined) {
      refuse(context, { wanted: 'one of cron, every and calendar at least', found: 'none of them' });
    }
    if (offset !== undefined && every === undefined) {
      refuse(context, { path: ['offset'], wanted: 'it with every only', found: 'it alone', atKey: true });
    }
  }, ALWAYS)
  .meta({ anyOf: [{ required: ['cron'] }, { required: ['every'] }, { required: ['calendar'] }] });

export type ScheduleFields = z.output<typeof scheduleSchema>;
