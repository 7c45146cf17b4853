import { formatDuration } from '../duration.ts';
import { findCronFault } from './cron.ts';
import type { CalendarSpec, ScheduleSpec } from './schedule.ts';

/** One thing that is wrong with an experiment, and where. */
export interface ExperimentFault {
  /** As manifests write it: `variants[1].name`, `schedule.cron[0]`, `ttl`. */
  path: string;
  message: string;
}

/** Temporal's schedules count in seconds. In milliseconds. */
const SHORTEST_EVERY_MS = 1_000;

/** What a set of times may hold: least and most, as {@link CalendarSpec} says. */
const CALENDAR: Record<keyof CalendarSpec, readonly [number, number]> = {
  hour: [0, 23],
  minute: [0, 59],
  dayOfMonth: [1, 31],
  month: [1, 12],
  dayOfWeek: [0, 6],
};

/** Everything for which Temporal would refuse the schedule, or never begin a run by it. */
export function findScheduleFaults(schedule: ScheduleSpec): ExperimentFault[] {
  const { cron = [], every, calendar = [] } = schedule;
  const isEmpty = cron.length === 0 && !every && calendar.length === 0;
  return [
    ...(isEmpty
      ? [{ path: 'schedule', message: 'expected one of cron, every and calendar at least, found none' }]
      : []),
    ...cron.flatMap((text, index) => faultAt(`schedule.cron[${index}]`, findCronFault(text))),
    ...(every ? findEveryFaults(every) : []),
    ...calendar.flatMap((times, index) => findCalendarFaults(times, `schedule.calendar[${index}]`)),
    ...faultAt('schedule.timeZone', findZoneFault(schedule.timeZone)),
    ...faultAt('schedule.jitter', findJitterFault(schedule.jitterMs)),
    ...findSpanFaults(schedule),
  ];
}

function findEveryFaults({ everyMs, offsetMs }: NonNullable<ScheduleSpec['every']>): ExperimentFault[] {
  const fits = everyMs >= SHORTEST_EVERY_MS && everyMs % 1000 === 0;
  const wanted = `whole seconds, ${formatDuration(SHORTEST_EVERY_MS)} at least`;
  const isLater = offsetMs >= 0 && offsetMs < everyMs && offsetMs % 1000 === 0;
  return [
    ...faultAt('schedule.every', fits ? undefined : `expected ${wanted}, found ${formatDuration(everyMs)}`),
    ...faultAt(
      'schedule.offset',
      isLater ? undefined : `expected whole seconds, less than every, found ${formatDuration(offsetMs)}`,
    ),
  ];
}

function findCalendarFaults(times: CalendarSpec, path: string): ExperimentFault[] {
  return Object.entries(CALENDAR).flatMap(([key, [least, most]]) =>
    (times[key as keyof CalendarSpec] ?? [])
      .filter((value) => !Number.isInteger(value) || value < least || value > most)
      .flatMap((value) => faultAt(`${path}.${key}`, `expected whole numbers from ${least} to ${most}, found ${value}`)),
  );
}

/** A name that both this machine's and Temporal's tables of time zones have: offsets such as `+01:00` only the first has. */
function findZoneFault(zone: string | undefined): string | undefined {
  if (zone === undefined) return undefined;
  const isName = /^[A-Za-z_]+(?:[/-][A-Za-z0-9_+-]+)*$/.test(zone);
  return isName && isZone(zone) ? undefined : `expected an IANA name such as Europe/Berlin, found '${zone}'`;
}

function isZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).format(0) !== '';
  } catch {
    return false;
  }
}

function findJitterFault(jitterMs: number | undefined): string | undefined {
  return jitterMs === undefined || jitterMs >= 0 ? undefined : `expected no less than 0, found ${jitterMs} ms`;
}

function findSpanFaults({ startAt, endAt }: ScheduleSpec): ExperimentFault[] {
  const isTime = (text: string | undefined) => text === undefined || !Number.isNaN(Date.parse(text));
  const wanted = 'expected a time such as 2026-11-29T02:00:00Z, found';
  const isOrdered = startAt === undefined || endAt === undefined || Date.parse(startAt) < Date.parse(endAt);
  return [
    ...faultAt('schedule.start', isTime(startAt) ? undefined : `${wanted} '${startAt}'`),
    ...faultAt('schedule.end', isTime(endAt) ? undefined : `${wanted} '${endAt}'`),
    ...faultAt(
      'schedule.end',
      isOrdered || !isTime(startAt) || !isTime(endAt) ? undefined : `expected a time after ${startAt}, found ${endAt}`,
    ),
  ];
}

function faultAt(path: string, message: string | undefined): ExperimentFault[] {
  return message === undefined ? [] : [{ path, message }];
}
