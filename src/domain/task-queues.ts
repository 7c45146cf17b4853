import { isHostId } from './hosts/host.ts';
import { DEFAULT_POOL, isPoolName } from './pools/pool.ts';

/** Engine operations wait in a queue with few slots, so that they cannot hold up a rollback. */
export function stackTaskQueue(taskQueue: string): string {
  return `${taskQueue}-stacks`;
}

/**
 * Engine operations of what is made in one pool. No host can have an id with a dot in it, so that no pool has the queue of
 * a host.
 *
 * @param pool none is the pool of whoever names none
 */
export function poolTaskQueue(taskQueue: string, pool: string = DEFAULT_POOL): string {
  const stacks = stackTaskQueue(taskQueue);
  return pool === DEFAULT_POOL ? stacks : `${stacks}-pool.${pool}`;
}

/** Engine operations on what runs on one host, which only its own workers can reach. */
export function hostTaskQueue(taskQueue: string, host: string): string {
  return `${stackTaskQueue(taskQueue)}-${host}`;
}

/** The host whose own workers alone take from a queue, if it is one of {@link hostTaskQueue}. */
export function findHostOfQueue(taskQueue: string): string | undefined {
  const id = /-stacks-(.+)$/.exec(taskQueue)?.[1];
  return isHostId(id) ? id : undefined;
}

/** The pool whose workers take from a queue, if it is one of {@link poolTaskQueue}. */
export function findPoolOfQueue(taskQueue: string): string | undefined {
  if (findHostOfQueue(taskQueue) !== undefined) return undefined;
  const [queue, name = DEFAULT_POOL] = /-stacks(?:-pool\.(.+))?$/.exec(taskQueue) ?? [];
  return queue !== undefined && isPoolName(name) ? name : undefined;
}

/**
 * What lasts because it looks on, checks, bakes and drains, has a queue with room for thousands, so that it cannot hold up
 * what takes milliseconds.
 */
export function watchTaskQueue(taskQueue: string): string {
  return `${taskQueue}-watches`;
}

/**
 * How long a worker may keep a workflow task before the server gives it to another one; for every workflow's start. A
 * task takes some 10 ms, and one with a local activity in it says in time that it goes on. Temporal's own 10 s is how long
 * a rollout would stand still when its worker dies in one.
 */
export const WORKFLOW_TASK_TIMEOUT = '4s';
