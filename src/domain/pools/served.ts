import { type BlueprintVersion, type Host, judgeHost } from '../hosts/host.ts';
import { DEFAULT_POOL } from './pool.ts';

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
  /** The blueprint that nobody of the pool has. */
  wanted?: BlueprintVersion;
  /** The digests that its workers have of it. */
  installed?: string[];
}

type Workers = Pick<Host, 'workers'>;

/** The pools that any of them serve, by name. */
export function listPools(hosts: readonly Workers[]): string[] {
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
  const live = hosts.filter((host) => judgeHost(host.id, host).state === 'live');
  const served = listPools(live);
  const workers = live.flatMap((host) => host.workers).filter(({ pools }) => pools.includes(pool));
  if (workers.length === 0) return { pool, state: 'unserved', served };
  if (!wanted) return { pool, state: 'served', served };
  const found = workers.flatMap(({ blueprints }) => blueprints.filter(({ name }) => name === wanted.name));
  if (found.some(({ digest }) => digest === wanted.digest)) return { pool, state: 'served', served };
  const { name, digest } = wanted;
  const installed = [...new Set(found.map((each) => each.digest))].sort();
  return { pool, state: 'outdated', served, wanted: { name, digest }, installed };
}
