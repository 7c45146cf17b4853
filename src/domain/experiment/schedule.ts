/** When an experiment runs by itself: as Temporal's schedules have it. At least one of `cron`, `every` and `calendar`. */
export interface ScheduleSpec {
  /** Expressions of five fields, minute first: `0 2 * * *`. */
  cron?: string[];
  /** Counted from 1970-01-01T00:00Z, in milliseconds. */
  every?: { everyMs: number; offsetMs: number };
  calendar?: CalendarSpec[];
  /** An IANA name, such as `Europe/Berlin`; UTC unless told. Does not count for `every`. */
  timeZone?: string;
  /** Each time is put off by a random part of this, in milliseconds. */
  jitterMs?: number;
  /** No run before or after, ISO 8601. */
  startAt?: string;
  endAt?: string;
}

/** A set of times. What is left out is 0 for a time of day, and any for a day. */
export interface CalendarSpec {
  hour?: number[];
  minute?: number[];
  /** 1 to 31. */
  dayOfMonth?: number[];
  /** 1 to 12. */
  month?: number[];
  /** 0 to 6, Sunday first. */
  dayOfWeek?: number[];
}
