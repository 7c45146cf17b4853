import { NAME } from '../service/service.ts';

/**
 * The pool of whoever names none. A pool is a set of workers that carry out engine operations: those of one network, one
 * account, one region.
 */
export const DEFAULT_POOL = 'default';

export const POOL_WANTED = 'lower-case letters, digits and hyphens, a letter first, at most 40, such as eu-west';

/** Whether it can be the name of a pool, which is part of a task queue's name. */
export function isPoolName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

/** How a pool is recorded and carried: by its name, and {@link DEFAULT_POOL} by none. */
export interface PoolRef {
  pool?: string;
}

/** The pool of something that has more to it. */
export function readPool({ pool }: PoolRef): PoolRef {
  return pool === undefined ? {} : { pool };
}

/**
 * The pool of what is made.
 *
 * @param asked by whoever describes it
 * @param offered by its blueprint, where nobody has asked for one
 */
export function choosePool(asked: string | undefined, offered: string | undefined): PoolRef {
  const pool = asked ?? offered ?? DEFAULT_POOL;
  return pool === DEFAULT_POOL ? {} : { pool };
}

/**
 * The pools that a worker serves, each once; {@link DEFAULT_POOL} where none is named.
 *
 * @throws Error fit to show, with all that is wrong
 */
export function readServedPools(named: readonly string[]): string[] {
  const wrong = named.filter((name) => !NAME.test(name));
  if (wrong.length > 0) {
    const listed = wrong.map((name) => `'${name}'`).join(', ');
    throw new Error(`${listed} cannot be the name of a pool; expected ${POOL_WANTED}`);
  }
  return named.length === 0 ? [DEFAULT_POOL] : [...new Set(named)];
}
