import type { BlueprintVersion, Host, WorkerFacts } from '../hosts/host.ts';
import { DEFAULT_POOL } from './pool.ts';

/**
 * After so long without a sign of life a worker serves no pool any more, in milliseconds: four signs that were missed. It is
 * sooner than a host is away, since less follows from it: what waits for the pool stays in its queue all the same.
 */
export const SILENT_AFTER_MS = 20_000;

/**
 * Who serves a pool:
 * - `served`: a worker that was seen just now.
 * - `unserved`: none.
 * - `outdated`: some, and none of them has the blueprint that the stack is made by.
 */
export type PoolState = 'served' | 'unserved' | 'outdated';

/** How a pool is, as workflows carry it. */
export interface PoolStanding {
  pool: string;
  state: PoolState;
  /** The pools that are served now, by name. */
  served: string[];
  /** So long it is served even if nobody gives another sign of life, in milliseconds; absent where it is not. */
  surelyMs?: number;
  /** The blueprint that nobody of the pool has. */
  wanted?: BlueprintVersion;
  /** The digests that its workers have of it. */
  installed?: string[];
}

/** The pools that any of them serve, by name. */
export function listPools(hosts: readonly { workers: readonly Pick<WorkerFacts, 'pools'>[] }[]): string[] {
  return [...new Set(hosts.flatMap(({ workers }) => workers.flatMap(({ pools }) => pools)))].sort();
}

/**
 * Who serves a pool, by the workers that were seen just now.
 *
 * @param wanted what a stack of it is made by, where that matters
 */
export function judgePool(
  pool: string = DEFAULT_POOL,
  hosts: readonly Host[],
  wanted?: BlueprintVersion,
): PoolStanding {
  const live = hosts.flatMap((host) => host.workers).filter(({ unseenMs }) => unseenMs < SILENT_AFTER_MS);
  const served = listPools([{ workers: live }]);
  const workers = live.filter(({ pools }) => pools.includes(pool));
  if (workers.length === 0) return { pool, state: 'unserved', served };
  const surelyMs = SILENT_AFTER_MS - Math.min(...workers.map(({ unseenMs }) => unseenMs));
  if (!wanted) return { pool, state: 'served', served, surelyMs };
  const found = workers.flatMap(({ blueprints }) => blueprints.filter(({ name }) => name === wanted.name));
  if (found.some(({ digest }) => digest === wanted.digest)) return { pool, state: 'served', served, surelyMs };
  const { name, digest } = wanted;
  const installed = [...new Set(found.map((each) => each.digest))].sort();
  return { pool, state: 'outdated', served, wanted: { name, digest }, installed };
}
