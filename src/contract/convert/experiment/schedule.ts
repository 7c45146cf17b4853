import type { MessageInitShape } from '@bufbuild/protobuf';
import type { CalendarSpec, ScheduleSpec } from '../../../domain/experiment/schedule.ts';
import type {
  CalendarTimes,
  ExperimentSchedule,
  ExperimentScheduleSchema,
} from '../../gen/supplant/v1/experiments_pb.ts';
import { emptyToUndefined, omitUndefined } from '../given.ts';
import { fromDuration, fromTimestamp, toDuration, toTimestamp } from '../time.ts';

export function toSchedule(schedule: ScheduleSpec): MessageInitShape<typeof ExperimentScheduleSchema> {
  const { cron, every, calendar, timeZone, jitterMs, startAt, endAt } = schedule;
  return omitUndefined({
    ...{ cron, calendar, timeZone },
    every: every && toDuration(every.everyMs),
    offset: every && toDuration(every.offsetMs),
    jitter: jitterMs === undefined ? undefined : toDuration(jitterMs),
    startTime: toTimestamp(startAt),
    endTime: toTimestamp(endAt),
  });
}

export function fromSchedule(message: ExperimentSchedule): ScheduleSpec {
  const { cron, every, offset, calendar, timeZone, jitter, startTime, endTime } = message;
  return omitUndefined({
    cron: cron.length === 0 ? undefined : cron,
    every: every && { everyMs: fromDuration(every, 0), offsetMs: fromDuration(offset, 0) },
    calendar: calendar.length === 0 ? undefined : calendar.map(fromCalendar),
    timeZone: emptyToUndefined(timeZone),
    jitterMs: jitter && fromDuration(jitter, 0),
    startAt: fromTimestamp(startTime),
    endAt: fromTimestamp(endTime),
  });
}

function fromCalendar({ hour, minute, dayOfMonth, month, dayOfWeek }: CalendarTimes): CalendarSpec {
  const given = Object.entries({ hour, minute, dayOfMonth, month, dayOfWeek }).filter(
    ([, numbers]) => numbers.length > 0,
  );
  return Object.fromEntries(given);
}
