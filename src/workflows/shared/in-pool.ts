import { ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { PoolStanding } from '../../domain/pools/served.ts';
import { describeUnserved } from '../../domain/pools/words.ts';
import { localFirst } from './activities.ts';
import { EVER, type Operation } from './follow-host.ts';
import { StandingWatch } from './standing-watch.ts';

/** What {@link inPool} fails with where it does not wait for a pool. Its details are a {@link PoolStanding}. */
const POOL_UNSERVED = 'PoolUnserved';

/** How somebody waits for a pool that nobody serves. */
export interface PoolWaiting {
  /** Told at every look: how the pool is while nobody serves it, and nothing once somebody does or nobody waits any more. */
  explain?: (standing: PoolStanding | undefined) => void | Promise<void>;
  /** Asked at every look but the first: whether the wait is to end as if nobody were to come. Never unless told. */
  isOver?: (standing: PoolStanding) => boolean;
  /** Whether it may take longer than the operation may otherwise. */
  isEndless?: boolean;
}

/** For what nobody is to wait for: it ends at the second look that finds nobody, some seconds after the first. */
export const PASSING_BY: PoolWaiting = { isOver: isUnserved };

/**
 * An engine operation in a pool: beside it the pool is looked at, so that a wait for one that nobody serves is explained, or
 * ends. The default pool is not looked at, since that would add to every history there is; nor is it where a host has been
 * chosen.
 *
 * @throws ApplicationFailure `PoolUnserved` where `isOver` has ended the wait
 */
export function inPool<T>(pool: string | undefined, operation: Operation<T>, waiting: PoolWaiting): Operation<T> {
  if (pool === undefined) return operation;
  return async (where) => {
    if (where.taskQueue !== undefined) return operation(where);
    const { explain = () => undefined, isOver = () => false, isEndless = false } = waiting;
    const look = () => localFirst('lookUpPool', `who serves pool ${pool}?`, [pool]);
    const first = await look();
    const watch = new StandingWatch(first, {
      what: `pool ${pool}`,
      look,
      isTrouble: isUnserved,
      explain,
      isOver,
      isFineFor: ({ surelyMs }) => surelyMs,
    });
    const limit = isEndless ? { scheduleToCloseTimeout: EVER } : {};
    try {
      return await watch.during(() => operation({ ...where, ...limit }));
    } catch (error) {
      if (!isCancellation(error) || !watch.ended) throw error;
      throw createUnservedFailure(watch.ended);
    }
  };
}

/** How the pool is that nobody served, where that is what an operation has failed with. */
export function readUnserved(error: unknown): PoolStanding | undefined {
  if (!(error instanceof ApplicationFailure) || error.type !== POOL_UNSERVED) return undefined;
  return error.details?.[0] as PoolStanding;
}

function isUnserved({ state }: PoolStanding): boolean {
  return state === 'unserved';
}

function createUnservedFailure(standing: PoolStanding): ApplicationFailure {
  const message = describeUnserved(standing);
  return ApplicationFailure.create({ type: POOL_UNSERVED, message, details: [standing], nonRetryable: true });
}
