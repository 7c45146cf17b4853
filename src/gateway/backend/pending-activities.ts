import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import {
  type CheckProgress,
  type ActivityState,
  type PendingActivity,
  checkProgressText,
} from '../../domain/rollout/pending-activity.ts';
import { findHostOfQueue, findPoolOfQueue } from '../../domain/task-queues.ts';
import type { ExplainPool } from './served-pools.ts';

type Pending = temporal.api.workflow.v1.IPendingActivityInfo;
type Failure = temporal.api.failure.v1.IFailure;

/** Temporal's PendingActivityState, of which 2 and 3 run (the latter was called off), and 4 and 5 are paused. */
const RUNNING: ReadonlySet<number> = new Set([2, 3]);
const PAUSED: ReadonlySet<number> = new Set([4, 5]);

const MOST_CHARS = 500;

/**
 * What a workflow's activities wait for, or do, as Temporal describes it. Asks no worker.
 *
 * @param lookAtPools asked where one waits for a worker of a pool
 */
export async function readPendingActivities(
  activities: readonly Pending[] | null | undefined,
  now: Date,
  lookAtPools: () => Promise<ExplainPool>,
): Promise<PendingActivity[]> {
  const all = (activities ?? []).map((activity) => ({ activity, read: readPendingActivity(activity, now) }));
  const isInPool = all.some(({ activity, read }) => read.state === 'waiting' && poolOf(activity) !== undefined);
  if (!isInPool) return all.map(({ read }) => read);
  const explain = await lookAtPools();
  return all.map(({ activity, read }) => {
    const pool = read.state === 'waiting' ? poolOf(activity) : undefined;
    const because = pool === undefined ? undefined : explain(pool);
    return because === undefined ? read : { ...read, because };
  });
}

function poolOf(activity: Pending): string | undefined {
  return findPoolOfQueue(queueOf(activity));
}

function readPendingActivity(activity: Pending, now: Date): PendingActivity {
  const { attempt, lastFailure } = activity;
  const nextAttemptAt = iso(activity.nextAttemptScheduleTime) ?? iso(activity.scheduledTime);
  const state = stateOf(activity, nextAttemptAt, now);
  const latest = state === 'running' ? latestOf(activity) : undefined;
  const until = state === 'running' ? undefined : iso(activity.expirationTime);
  return {
    name: `${nameOf(activity)}${state === 'waiting' ? whereOf(activity) : ''}`,
    state,
    since: sinceOf(activity, state) ?? now.toISOString(),
    attempt: attempt ?? 1,
    ...(lastFailure ? { lastError: clipped(failureText(lastFailure)) } : {}),
    ...(state === 'retrying' && nextAttemptAt !== undefined ? { nextAttemptAt } : {}),
    ...(until === undefined ? {} : { until }),
    ...(latest === undefined ? {} : { latest: clipped(latest) }),
  };
}

function stateOf({ state, lastFailure }: Pending, nextAttemptAt: string | undefined, now: Date): ActivityState {
  if (RUNNING.has(state ?? 0)) return 'running';
  if (PAUSED.has(state ?? 0)) return 'paused';
  return lastFailure && nextAttemptAt !== undefined && Date.parse(nextAttemptAt) > now.getTime()
    ? 'retrying'
    : 'waiting';
}

function sinceOf(activity: Pending, state: ActivityState): string | undefined {
  if (state === 'running') return iso(activity.lastStartedTime);
  if (state === 'retrying') return iso(activity.lastAttemptCompleteTime) ?? iso(activity.scheduledTime);
  return iso(activity.scheduledTime);
}

/** Ids that the SDK gives are numbers; those that a workflow chose are for people: `check answers`. */
function nameOf({ activityId, activityType }: Pending): string {
  if (activityId && !/^\d+$/.test(activityId)) return activityId;
  const type = activityType?.name ?? 'a step';
  return NAMES[type] ?? `the step ${type}`;
}

/** Who waits for a place on one host does not get one elsewhere. */
function whereOf(activity: Pending): string {
  const host = findHostOfQueue(queueOf(activity));
  return host === undefined ? '' : ` on host ${host}`;
}

function queueOf({ activityOptions }: Pending): string {
  return activityOptions?.taskQueue?.name ?? '';
}

const NAMES: Readonly<Record<string, string>> = {
  provision: 'provision',
  destroy: 'destroy',
  bake: 'bake',
  release: 'drain',
  shift: 'the route’s change',
  removeRoute: 'the route’s removal',
};

function latestOf({ heartbeatDetails }: Pending): string | undefined {
  const [payload] = heartbeatDetails?.payloads ?? [];
  if (!payload) return undefined;
  try {
    return progressText(defaultPayloadConverter.fromPayload(payload));
  } catch {
    // A worker of another version may tell what this gateway cannot read.
    return undefined;
  }
}

/** The progress that checks, bakes and engine operations tell. */
function progressText(told: unknown): string | undefined {
  if (typeof told !== 'object' || told === null) return undefined;
  if ('evidence' in told) return checkProgressText(told as CheckProgress);
  if ('looks' in told && 'latest' in told && Array.isArray(told.latest)) return told.latest.join('; ') || undefined;
  if (!('operation' in told) || !('inProgress' in told) || !Array.isArray(told.inProgress)) return undefined;
  const { done = 0, message } = told as { done?: number; message?: string };
  const at = told.inProgress.length === 0 ? '' : `, at ${told.inProgress.join(', ')}`;
  return `${done} done${at}${message === undefined ? '' : `; ${message}`}`;
}

function failureText({ message, timeoutFailureInfo }: Failure): string {
  return timeoutFailureInfo ? `nothing was heard of it any more (${message ?? 'time-out'})` : (message ?? 'no reason');
}

function iso(time: Pending['scheduledTime']): string | undefined {
  const seconds = Number(time?.seconds ?? 0);
  if (!time || seconds <= 0) return undefined;
  return new Date(seconds * 1_000 + (time.nanos ?? 0) / 1e6).toISOString();
}

function clipped(text: string): string {
  return text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS - 1)}…`;
}
