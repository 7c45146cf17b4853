import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  CancellationScope,
  TimeoutFailure,
  condition,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { ControlActivities, StackActivities, WatchActivities } from '../../activities/index.ts';
import { Mutex } from '../../domain/mutex.ts';
import type { PoolRef } from '../../domain/pools/pool.ts';
import { HEARTBEAT_TIMEOUT_MS, heartbeatTimeoutMs } from '../../domain/heartbeats.ts';
import { poolTaskQueue, watchTaskQueue } from '../../domain/task-queues.ts';
import { noteTime } from './recorded-time.ts';

/**
 * Set on every activity: the SDK's documented default is not the one it sends, and undoing a step while it is still
 * running is how resources leak.
 */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

const heartbeatTimeout = HEARTBEAT_TIMEOUT_MS;

/** Short steps. A single attempt is short; how long to go on trying is the caller's. */
const control = proxyActivities<ControlActivities>({
  startToCloseTimeout: '1m',
  heartbeatTimeout,
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
  cancellationType,
});

const inPlace = proxyLocalActivities<ControlActivities>({
  startToCloseTimeout: '5s',
  retry: { maximumAttempts: 1 },
  cancellationType,
});

/** Steps that last: their own time-out is generous, the heartbeat is what notices trouble. */
const LASTING = { startToCloseTimeout: '30d', retry: { initialInterval: '200ms', maximumInterval: '10s' } } as const;

/**
 * Steps that only look on, for about `lastsMs` where that is known: nothing of them has to be undone. Who calls one off goes on at once; it
 * hears of it with its next beat.
 */
export function longRunning(lastsMs = 0) {
  return proxyActivities<Pick<WatchActivities, 'check' | 'bake' | 'validateVariant' | 'probeVariants'>>({
    ...LASTING,
    taskQueue: watchTaskQueue(workflowInfo().taskQueue),
    heartbeatTimeout: heartbeatTimeoutMs(lastsMs),
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
}

/**
 * Carries out what {@link longRunning} offers. Who calls it off goes on in the same moment: Temporal's core would tell of that a
 * moment later, and before or after the result of a step in place that is made meanwhile, as it happens. A replay knows one
 * order only, and could not go on with the other one.
 */
export function lookOn<T>(look: () => Promise<T>): Promise<T> {
  return Promise.race([look(), CancellationScope.current().cancelRequested]);
}

/**
 * Waits for requests in flight on a revision to end, or for what is to have them to be ready.
 *
 * @param limits how long that is tried
 */
export function draining(limits: { forAtMost?: '30s' } = {}) {
  return proxyActivities<Pick<WatchActivities, 'drain' | 'prepareRoute' | 'openAddresses' | 'closeAddresses'>>({
    ...LASTING,
    ...(limits.forAtMost === undefined ? {} : { scheduleToCloseTimeout: limits.forAtMost }),
    taskQueue: watchTaskQueue(workflowInfo().taskQueue),
    heartbeatTimeout,
    cancellationType,
  });
}

/** Asking the webhook of a gate, once. It ends before its own time is over; whoever waits asks again later. */
export function asking() {
  return proxyActivities<Pick<WatchActivities, 'askGate'>>({
    taskQueue: watchTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '2m',
    heartbeatTimeout,
    retry: { initialInterval: '1s', maximumAttempts: 3 },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
}

/**
 * One call of a hook.
 *
 * @param limitMs how long that is tried, workers that are lost included
 */
export function callingHook(limitMs: number) {
  return proxyActivities<Pick<WatchActivities, 'callHook' | 'callContract'>>({
    scheduleToCloseTimeout: limitMs,
    retry: { initialInterval: '200ms', maximumInterval: '10s' },
    taskQueue: watchTaskQueue(workflowInfo().taskQueue),
    heartbeatTimeout,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
}

/**
 * Looking at a release, which may be a folder to read. It ends before the request that waits for it does, attempts that a
 * lost worker cost included.
 */
export const looking = proxyActivities<Pick<ControlActivities, 'describe'>>({
  scheduleToCloseTimeout: '7500ms',
  heartbeatTimeout,
  retry: { initialInterval: '200ms', maximumInterval: '1s' },
  cancellationType,
});

/** How long an engine operation is tried, in milliseconds. */
export const ENGINE_LIMIT_MS = 6 * 3_600_000;

/**
 * Engine operations. Bounded by time rather than attempts: every restart of a worker costs an attempt.
 *
 * @param limits `givesWay` to what others do with stacks, where Temporal's server heeds that; `pool` is whose workers do it
 */
export function engine(limits: PoolRef & { attempts?: number; givesWay?: boolean } = {}) {
  return proxyActivities<StackActivities>({
    taskQueue: poolTaskQueue(workflowInfo().taskQueue, limits.pool),
    startToCloseTimeout: '2h',
    scheduleToCloseTimeout: ENGINE_LIMIT_MS,
    heartbeatTimeout,
    retry: {
      initialInterval: '200ms',
      maximumInterval: '1m',
      ...(limits.attempts === undefined ? {} : { maximumAttempts: limits.attempts }),
    },
    cancellationType,
    // From 1, which goes first, to 5; 3 unless told (https://docs.temporal.io/develop/task-queue-priority-fairness).
    ...(limits.givesWay ? { priority: { priorityKey: 5 } } : {}),
  });
}

/**
 * After so many the loss counts, too. A worker that is cut off from the server has polls open there, each of which takes a
 * task for up to a minute; each of those is missed after {@link HEARTBEAT_TIMEOUT_MS}.
 */
const MOST_LOSSES = 20;

/**
 * Asks for an operation again that was lost with its worker: how often that happens says something about machines, and
 * nothing about what is operated on.
 */
export async function repeatIfLost<T>(operate: () => Promise<T>): Promise<T> {
  for (let losses = 1; ; losses += 1) {
    try {
      return await operate();
    } catch (error) {
      if (!isLost(error) || losses === MOST_LOSSES) throw error;
    }
  }
}

function isLost(error: unknown): boolean {
  return hasTimedOut(error, 'HEARTBEAT');
}

/** Whether an activity has missed a time-out of that kind. */
export function hasTimedOut(error: unknown, kind: TimeoutFailure['timeoutType']): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure && error.cause.timeoutType === kind;
}

type Name = keyof ControlActivities;
type Args<N extends Name> = Parameters<ControlActivities[N]>;
type Result<N extends Name> = Awaited<ReturnType<ControlActivities[N]>>;

/**
 * One at a time in each workflow: the SDK gives results of local activities in the order in which they come, and those of
 * a replay in the order in which they were asked for (https://github.com/temporalio/sdk-python/issues/1578 is the same in
 * Python). Two at once, each with something that follows, would be a history that no other worker can go on with.
 */
function oneInPlace(): Mutex {
  const own = globalThis as { supplantInPlace?: Mutex };
  // Modules are those of all workflows of a thread; what is global, each has for itself.
  own.supplantInPlace ??= new Mutex();
  return own.supplantInPlace;
}

/** Whether a step is made in place just now. */
export function isStepInPlace(): boolean {
  return !oneInPlace().isFree;
}

/**
 * Until no step is in place, and what follows from the last one was begun. Whatever comes in waits for that before anything follows from it: a
 * replay hears of a step in place before all that came while it was made.
 */
export function untilNothingInPlace(): Promise<void> {
  return CancellationScope.nonCancellable(() => condition(() => !isStepInPlace()));
}

/**
 * A step of a few milliseconds: tried once in place, which saves a round trip through the server, and as an ordinary
 * activity with retries that people can see, when that did not work.
 *
 * @param args made when their turn has come, where they are a function
 */
export async function localFirst<N extends Name>(
  name: N,
  summary: string,
  args: Args<N> | (() => Args<N>),
  limit?: { forAtMost: '10s' | '2m' },
): Promise<Result<N>> {
  const build = typeof args === 'function' ? args : () => args;
  try {
    return await oneInPlace().run(() =>
      (inPlace as unknown as Callable<N>)[name].executeWithOptions({ summary }, build()),
    );
  } catch (error) {
    if (isCancellation(error) || isFinal(error)) throw error;
    const bounded = limit ? { scheduleToCloseTimeout: limit.forAtMost } : {};
    const result = await (control as unknown as Callable<N>)[name].executeWithOptions({ summary, ...bounded }, build());
    noteTime(Date.now());
    return result;
  }
}

/**
 * A look-up of a few milliseconds beside what goes on, and that may call that off: an ordinary activity, whose result has a place
 * of its own in the history. What is in place has one only with its workflow task. Where somebody looks at the workflow in that
 * moment, Temporal's core ends the task before the workflow hears of the result, and a replay has it sooner than the workflow had
 * it: before the end of a bake, say, that it calls off.
 */
export async function lookUp<N extends Name>(name: N, summary: string, args: Args<N>): Promise<Result<N>> {
  try {
    return await (control as unknown as Callable<N>)[name].executeWithOptions({ summary }, args);
  } catch (error) {
    // Whoever asked is told why, rather than that a step has failed.
    if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) throw error.cause;
    throw error;
  }
}

/** What the proxies are, said in a way that keeps an activity's arguments and result together by its name. */
type Callable<N extends Name> = Record<
  N,
  {
    executeWithOptions(
      options: Pick<ActivityOptions, 'summary' | 'scheduleToCloseTimeout'>,
      args: Args<N>,
    ): Promise<Result<N>>;
  }
>;

function isFinal(error: unknown): boolean {
  // What a local activity fails with comes as it is.
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}

/** Why a step failed, in one line for people. */
export function failureText(error: unknown): string {
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  if (cause instanceof TimeoutFailure) return `no answer in time (${cause.timeoutType})${failedWith(cause.cause)}`;
  return cause instanceof Error ? cause.message : String(cause);
}

function failedWith(cause: unknown): string {
  return cause instanceof Error ? `; the last attempt failed with: ${cause.message}` : '';
}

/** The failure's type as activities set it: `StackFailed`, `RouteRefused`. */
export function failureType(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? (cause.type ?? undefined) : undefined;
}
