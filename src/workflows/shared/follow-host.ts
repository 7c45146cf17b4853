import {
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import { type HostStanding, isHostId } from '../../domain/hosts/host.ts';
import { describeAbsence } from '../../domain/hosts/words.ts';
import { hostTaskQueue } from '../../domain/task-queues.ts';
import { hasTimedOut, localFirst } from './activities.ts';
import { StandingWatch } from './standing-watch.ts';

/** Where and how patiently an engine operation is asked for; nothing of the first attempt. */
export type Where = Pick<ActivityOptions, 'taskQueue' | 'scheduleToStartTimeout' | 'scheduleToCloseTimeout'>;

/** An engine operation, asked of whoever serves that queue. */
export type Operation<T> = (where: Where) => Promise<T>;

/** For one that nobody is to wait for: how long a host may take to begin. Its places may all be taken. */
const BEGIN_WITHIN = '10s';

/** For one that is waited for: after so long a host that is live, and has not begun, is told of as one that is away. */
const TOLD_AFTER = '20s';

/** Longer than anybody waits: what ends such a wait is that the host is back, or forgotten. */
export const EVER = '3650d';

/** What {@link followHost} fails with where it does not wait for a host. Its details are a {@link HostStanding}. */
const HOST_AWAY = 'HostAway';

/**
 * Asks for an engine operation; where the stack runs on another host than that of the worker that took it, the same is asked of that
 * host's workers alone. Without such a stack this adds nothing to a history.
 *
 * @throws ApplicationFailure `HostAway` where the host does not begin with it soon
 */
export async function followHost<T>(operation: Operation<T>): Promise<T> {
  const host = await tryAnywhere(operation);
  if ('result' in host) return host.result;
  const standing = await lookUpHost(host.id);
  if (standing.state === 'forgotten') return operation({});
  if (standing.state !== 'live') throw createAwayFailure(standing);
  try {
    return await operation(placeOn(host.id));
  } catch (error) {
    if (!isNotBegun(error)) throw error;
    throw createAwayFailure(await lookUpHost(host.id));
  }
}

/** How somebody waits for a host that is away. */
export interface HostWaiting {
  /** Told again and again: how the host is while it is away or late, and nothing once it is back or nobody waits any more. */
  explain(standing: HostStanding | undefined): void | Promise<void>;
  /** Asked at every look: whether the wait is to end as if the host had not begun in time. Never unless told. */
  isOver?: () => boolean;
  /** Whether it may take longer than the operation may otherwise. */
  isEndless?: boolean;
  /** Where the stack is known to be, whatever the driver knows of it. Any worker is asked first unless told. */
  host?: string | undefined;
}

/**
 * The same, for who has to wait until it is done. A host that is away is waited for until it is back, and the wait is
 * explained; once it is forgotten, the driver answers for it.
 *
 * @throws ApplicationFailure `HostAway` where `isOver` has ended the wait
 */
export async function awaitHost<T>(operation: Operation<T>, waiting: HostWaiting): Promise<T> {
  const host = waiting.host === undefined ? await tryAnywhere(operation) : { id: waiting.host };
  if ('result' in host) return host.result;
  const first = await lookUpHost(host.id);
  if (first.state === 'forgotten') return operation({});
  const limit = waiting.isEndless === true ? { scheduleToCloseTimeout: EVER } : {};
  const there = { taskQueue: queueOf(host.id), ...limit };
  if (first.state !== 'live') return waitThere(operation, there, watchHost(first, waiting));
  try {
    return await waitThere(operation, { ...there, scheduleToStartTimeout: TOLD_AFTER }, watchHost(first, waiting));
  } catch (error) {
    if (!isNotBegun(error)) throw error;
    return waitThere(operation, there, watchHost(await lookUpHost(host.id), waiting, { isLate: true }));
  }
}

async function waitThere<T>(operation: Operation<T>, there: Where, watch: StandingWatch<HostStanding>): Promise<T> {
  try {
    return await watch.during(() => operation(there));
  } catch (error) {
    if (!isCancellation(error) || !watch.ended) throw error;
    if (watch.ended.state === 'forgotten') return await operation({});
    throw createAwayFailure(watch.ended);
  }
}

/** How the host is that was not there, where that is what an operation has failed with. */
export function readAbsence(error: unknown): HostStanding | undefined {
  if (!(error instanceof ApplicationFailure) || error.type !== HOST_AWAY) return undefined;
  return error.details?.[0] as HostStanding;
}

/** Looks at a host while something waits for it; the wait ends once it is forgotten. */
function watchHost(
  first: HostStanding,
  waiting: HostWaiting,
  /** It is live, and has not begun for a while. */
  { isLate = false } = {},
): StandingWatch<HostStanding> {
  const { host } = first;
  return new StandingWatch(first, {
    what: `host ${host}`,
    look: () => lookUpHost(host),
    isTrouble: ({ state }) => isLate || state !== 'live',
    explain: (standing) => waiting.explain(standing),
    isOver: ({ state }) => state === 'forgotten' || waiting.isOver?.() === true,
  });
}

type Tried<T> = { result: T } | { id: string };

async function tryAnywhere<T>(operation: Operation<T>): Promise<Tried<T>> {
  try {
    return { result: await operation({}) };
  } catch (error) {
    const id = readOtherHost(error);
    if (id === undefined) throw error;
    return { id };
  }
}

/** The host that a stack runs on, where the driver has refused it for that. */
function readOtherHost(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'OtherHost') return undefined;
  const host: unknown = cause.details?.[0];
  return isHostId(host) ? host : undefined;
}

/** Whether no worker has begun with it in time. */
export function isNotBegun(error: unknown): boolean {
  return hasTimedOut(error, 'SCHEDULE_TO_START');
}

function lookUpHost(host: string): Promise<HostStanding> {
  return localFirst('lookUpHost', `how is host ${host}?`, [host]);
}

/** On that host, if it begins with it soon. */
export function placeOn(host: string): Where {
  return { taskQueue: queueOf(host), scheduleToStartTimeout: BEGIN_WITHIN };
}

function queueOf(host: string): string {
  return hostTaskQueue(workflowInfo().taskQueue, host);
}

function createAwayFailure(standing: HostStanding): ApplicationFailure {
  const message = describeAbsence(standing);
  return ApplicationFailure.create({ type: HOST_AWAY, message, details: [standing], nonRetryable: true });
}
