import { formatDuration } from '../duration.ts';
import type { CalendarSpec, ScheduleSpec } from './schedule.ts';

/** When that is, in a few words: `0 2 * * * (Europe/Berlin) and every 6h`. */
export function describeSchedule({ cron = [], every, calendar = [], timeZone }: ScheduleSpec): string {
  const zoned = [...cron, ...calendar.map(describeTimes)];
  const zone = timeZone === undefined ? '' : ` (${timeZone})`;
  const times = zoned.map((text) => `${text}${zone}`);
  return [...times, ...(every ? [describeEvery(every)] : [])].join(' and ');
}

function describeEvery({ everyMs, offsetMs }: NonNullable<ScheduleSpec['every']>): string {
  const later = offsetMs === 0 ? '' : `, ${formatDuration(offsetMs)} later`;
  return `every ${formatDuration(everyMs)}${later}`;
}

const KEYS = {
  month: 'month',
  dayOfMonth: 'day of the month',
  dayOfWeek: 'day of the week',
  hour: 'hour',
  minute: 'minute',
} as const satisfies Record<keyof CalendarSpec, string>;

function describeTimes(times: CalendarSpec): string {
  const { hour = [0], minute = [0] } = times;
  const all: CalendarSpec = { ...times, hour, minute };
  return Object.entries(KEYS)
    .flatMap(([key, name]) => {
      const values = all[key as keyof CalendarSpec];
      return values ? [`${name} ${values.join(',')}`] : [];
    })
    .join(', ');
}
