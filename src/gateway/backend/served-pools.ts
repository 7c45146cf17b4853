import { nearest } from '../../config/nearest.ts';
import { DEFAULT_POOL } from '../../domain/pools/pool.ts';
import { judgePool } from '../../domain/pools/served.ts';
import { describePoolObstacle, describePoolWarning } from '../../domain/pools/words.ts';
import type { Receipt } from '../../domain/service/requests.ts';
import type { RevisionState } from '../../domain/service/revision.ts';
import type { Store } from '../../store/store.ts';

/** Why nobody carries out what waits in a pool; nothing where somebody serves it. */
export type ExplainPool = (pool: string) => string | undefined;

/** In these a revision has its stack: nothing has to be made for it. */
const STANDING: ReadonlySet<RevisionState> = new Set(['ready', 'live', 'warm']);

type Stores = Pick<Store, 'hosts'> & { catalogue: Pick<Store['catalogue'], 'revision' | 'rollout'> };

/** Who serves which pool, as a gateway knows it: by the record. What cannot be found out is not told: it is only advice. */
export class ServedPools {
  readonly #store: () => Promise<Stores>;

  constructor(store: () => Promise<Stores>) {
    this.#store = store;
  }

  /** Explains the pools as they are served now. */
  async look(): Promise<ExplainPool> {
    try {
      const hosts = await (await this.#store()).hosts.list();
      return (pool) => {
        const standing = judgePool(pool, hosts);
        return standing.state === 'unserved' ? describePoolObstacle(standing) : undefined;
      };
    } catch {
      return () => undefined;
    }
  }

  /** Whether no worker at all was seen just now. */
  async isDeserted(): Promise<boolean> {
    try {
      return judgePool(DEFAULT_POOL, await (await this.#store()).hosts.list()).served.length === 0;
    } catch {
      return false;
    }
  }

  /** The receipt, with a warning where nobody serves the pool in which its revision is to be made. */
  async warn(receipt: Receipt): Promise<Receipt> {
    try {
      const warning = await this.#warning(receipt);
      return warning === undefined ? receipt : { ...receipt, warnings: [warning] };
    } catch {
      return receipt;
    }
  }

  async #warning(receipt: Receipt): Promise<string | undefined> {
    const { service, rollout, revision, unchanged, pool: given } = receipt;
    if (revision === undefined || unchanged) return undefined;
    const { hosts, catalogue } = await this.#store();
    // Who repeats a request may get an old receipt.
    if ((await catalogue.rollout(service, rollout))?.endedAt !== undefined) return undefined;
    const recorded = await catalogue.revision(service, revision);
    if (recorded && STANDING.has(recorded.state)) return undefined;
    const standing = judgePool(given ?? recorded?.blueprint.pool, await hosts.list());
    if (standing.state !== 'unserved') return undefined;
    return describePoolWarning(standing, nearest(standing.pool, standing.served)[0]);
  }
}
