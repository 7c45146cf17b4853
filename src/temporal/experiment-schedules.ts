import {
  type CalendarSpec as TemporalCalendar,
  type Client,
  DAYS_OF_WEEK,
  MONTHS,
  ScheduleAlreadyRunning,
  type ScheduleHandle,
  ScheduleNotFoundError,
  type ScheduleOptions,
  type ScheduleSpec as TemporalSpec,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import { type ExperimentKey, parseExperimentId } from '../domain/experiment/experiment.ts';
import { experimentIds } from '../domain/experiment/run.ts';
import type { CalendarSpec, ScheduleSpec } from '../domain/experiment/schedule.ts';
import type { ExperimentRecord } from '../store/experiments/stores.ts';
import { EXPERIMENT_WORKFLOW, SCHEDULE_PREFIX, buildRunStart } from './experiment-start.ts';

/** What was missed while Temporal was down is made up for within this, and no run begins out of the blue hours later. */
const CATCH_UP = '1m';

/** What became of a schedule. */
export type ScheduleChange = 'created' | 'updated' | 'deleted' | 'unchanged';

/** What Temporal says of a schedule: enough to know what it was made from. */
export interface ScheduleState {
  paused: boolean;
  note?: string;
}

/** A record's schedule that Temporal is to have. */
export type Scheduled = ExperimentRecord & { spec: { schedule: ScheduleSpec } };

/** Whether Temporal is to have a schedule for it: not where it is deleted, on demand only, or over. */
export function isScheduled(record: ExperimentRecord, now: Date): record is Scheduled {
  const { schedule } = record.spec;
  if (!schedule || record.deletedAt !== undefined) return false;
  return schedule.endAt === undefined || Date.parse(schedule.endAt) > now.getTime();
}

/**
 * The schedule in Temporal for an experiment on record. Its note has the record's version: a schedule's own memo cannot be
 * changed later, and a list of schedules shows the note.
 */
export function buildSchedule({ spec, paused, version }: Scheduled, taskQueue: string): ScheduleOptions {
  const { experiment, schedule } = spec;
  const start = buildRunStart(experiment, experimentIds.scheduled(experiment), taskQueue);
  const reason = paused?.reason === undefined ? '' : `: ${paused.reason}`;
  const pause = paused ? `; paused by ${paused.by} at ${paused.at}${reason}` : '';
  return {
    scheduleId: experimentIds.schedule(experiment),
    spec: buildSpec(schedule),
    action: { type: 'startWorkflow', workflowType: EXPERIMENT_WORKFLOW, ...start },
    // What overlaps is decided on record, so that a run that does not take place is on record, too.
    policies: { overlap: 'ALLOW_ALL', catchupWindow: CATCH_UP, pauseOnFailure: false },
    state: { paused: paused !== undefined, note: `version ${version}${pause}` },
    typedSearchAttributes: start.typedSearchAttributes,
  };
}

function buildSpec({ cron, every, calendar, timeZone, jitterMs, startAt, endAt }: ScheduleSpec): TemporalSpec {
  return {
    ...(cron ? { cronExpressions: cron } : {}),
    ...(every ? { intervals: [{ every: every.everyMs, offset: every.offsetMs }] } : {}),
    ...(calendar ? { calendars: calendar.map(buildCalendar) } : {}),
    ...(timeZone === undefined ? {} : { timezone: timeZone }),
    ...(jitterMs ? { jitter: jitterMs } : {}),
    ...(startAt === undefined ? {} : { startAt: new Date(startAt) }),
    ...(endAt === undefined ? {} : { endAt: new Date(endAt) }),
  };
}

function buildCalendar({ hour, minute, dayOfMonth, month, dayOfWeek }: CalendarSpec): TemporalCalendar {
  return {
    ...(hour ? { hour } : {}),
    ...(minute ? { minute } : {}),
    ...(dayOfMonth ? { dayOfMonth } : {}),
    ...(month ? { month: month.flatMap((number) => MONTHS[number - 1] ?? []) } : {}),
    ...(dayOfWeek ? { dayOfWeek: dayOfWeek.flatMap((number) => DAYS_OF_WEEK[number] ?? []) } : {}),
  };
}

/** Whether the schedule was made from this version of the record, and nobody has paused or resumed it beside Supplant. */
export function isCurrent({ paused, note }: ScheduleState, record: ExperimentRecord): boolean {
  const version = /^version (\d+)\b/.exec(note ?? '')?.[1];
  return version === `${record.version}` && paused === (record.paused !== undefined);
}

/** Brings Temporal's schedule in line with the record: makes it, changes it, or takes it away. May be repeated. */
export async function ensureSchedule(
  client: Client,
  record: ExperimentRecord,
  taskQueue: string,
  now = new Date(),
): Promise<ScheduleChange> {
  const handle = client.schedule.getHandle(experimentIds.schedule(record.spec.experiment));
  if (!isScheduled(record, now)) return deleteSchedule(handle);
  const wanted = buildSchedule(record, taskQueue);
  const found = await describe(handle);
  if (found && isCurrent(found.state, record)) return 'unchanged';
  if (!found && (await create(client, wanted))) return 'created';
  await handle.update(() => wanted as ScheduleUpdateOptions);
  return 'updated';
}

/** Whether it was made; not where somebody else was faster. */
async function create(client: Client, wanted: ScheduleOptions): Promise<boolean> {
  try {
    await client.schedule.create(wanted);
    return true;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}

/** Takes a schedule away that may be gone. What it has started goes on. */
export async function deleteSchedule(handle: ScheduleHandle): Promise<ScheduleChange> {
  try {
    await handle.delete();
    return 'deleted';
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return 'unchanged';
    throw error;
  }
}

/** When Temporal begins the next runs, at most 5, ISO 8601; undefined where it has no schedule. */
export async function readNextRuns(client: Client, key: ExperimentKey): Promise<string[] | undefined> {
  const found = await describe(client.schedule.getHandle(experimentIds.schedule(key)));
  if (!found) return undefined;
  const times = found.state.paused ? [] : found.info.nextActionTimes;
  return times.slice(0, MOST_NEXT).map((time) => time.toISOString());
}

const MOST_NEXT = 5;

async function describe(handle: ScheduleHandle) {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** The experiment that a schedule is for, by its id; undefined where that is of another kind. */
export function parseScheduleId(id: string): ExperimentKey | undefined {
  return id.startsWith(SCHEDULE_PREFIX) ? parseExperimentId(id.slice(SCHEDULE_PREFIX.length)) : undefined;
}
