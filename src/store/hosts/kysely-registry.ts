import { type Kysely, type RawBuilder, sql } from 'kysely';
import { AWAY_AFTER_MS, type BlueprintVersion, type Host, type SeenWorker } from '../../domain/hosts/host.ts';
import type { Database } from '../database.ts';
import type { HostRegistry, HostSign, Inventory, OtherCopy } from './registry.ts';
import type { HostRow, HostTables, WorkerRow } from './tables.ts';

/** Workers that were not seen for so long are not listed any more, in milliseconds: each that is started is a new one. */
const LONG_AGO_MS = 10 * AWAY_AFTER_MS;

/** In place of a time: no worker of it was ever seen. */
const NEVER = 0;

/** The registry of hosts over any database Kysely speaks to. */
export class KyselyHostRegistry implements HostRegistry {
  readonly #db: Kysely<HostTables>;
  /** For what is written again soon. */
  readonly #unsynced: Kysely<HostTables>;
  readonly #clockMs: RawBuilder<number>;

  constructor({ db, unsynced, clockMs }: Pick<Database, 'db' | 'unsynced' | 'clockMs'>) {
    this.#db = db.$pickTables<keyof HostTables>();
    this.#unsynced = unsynced.$pickTables<keyof HostTables>();
    this.#clockMs = clockMs;
  }

  async announce({ id, name, version, worker }: HostSign): Promise<void> {
    await this.#saveWorker(id, name, worker);
    const now = this.#clockMs;
    await this.#unsynced
      .insertInto('hosts')
      .values({ id, name, version, first_seen: now, last_seen: now })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ name, version, last_seen: now }))
      .execute();
  }

  async withdraw(host: string, worker: string): Promise<void> {
    await this.#unsynced.deleteFrom('host_workers').where('host', '=', host).where('worker', '=', worker).execute();
  }

  async findOtherCopy(host: string, copy: string): Promise<OtherCopy | undefined> {
    const row = await this.#db
      .selectFrom('host_workers')
      .select(['machine', 'last_seen', this.#clockMs.as('now')])
      .where('host', '=', host)
      .where('copy', '!=', copy)
      .orderBy('last_seen', 'desc')
      .executeTakeFirst();
    if (!row) return undefined;
    const { machine, last_seen: lastSeen, now } = row;
    return { machine: machine ?? '', lastSeen, unseenMs: Math.max(0, now - lastSeen) };
  }

  async list(): Promise<Host[]> {
    const workers = await this.#db.selectFrom('host_workers').selectAll().orderBy('worker').execute();
    return (await this.#select().orderBy('id').execute()).map((row) => hostOf(row, workers));
  }

  async find(id: string): Promise<Host | undefined> {
    const row = await this.#select().where('id', '=', id).executeTakeFirst();
    if (!row) return undefined;
    const workers = this.#db.selectFrom('host_workers').selectAll().where('host', '=', id).orderBy('worker');
    return hostOf(row, await workers.execute());
  }

  async forget(id: string, { actor, reason }: { actor: string; reason: string }): Promise<boolean> {
    const forgotten = { forgotten_at: this.#clockMs, forgotten_by: actor, forgotten_reason: reason };
    const { numInsertedOrUpdatedRows: changed } = await this.#db
      .insertInto('hosts')
      .values({ id, name: id, version: '', first_seen: NEVER, last_seen: NEVER, ...forgotten })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet(forgotten)
          // In the statement itself: a worker of it may give a sign at the same moment.
          .where('hosts.last_seen', '<', sql<number>`${this.#clockMs} - ${AWAY_AFTER_MS}`),
      )
      .executeTakeFirst();
    return changed === 1n;
  }

  async saveInventory(host: string, inventory: Inventory): Promise<void> {
    const content = JSON.stringify(inventory);
    await this.#unsynced
      .insertInto('host_inventories')
      .values({ host, content })
      .onConflict((conflict) => conflict.column('host').doUpdateSet({ content }))
      .execute();
  }

  async inventory(host: string): Promise<Inventory | undefined> {
    const row = await this.#db
      .selectFrom('host_inventories')
      .select('content')
      .where('host', '=', host)
      .executeTakeFirst();
    return row && (JSON.parse(row.content) as Inventory);
  }

  /** Before the host's own sign: no host is seen of which it is not known what its workers are. */
  async #saveWorker(host: string, machine: string, { id, copy, ...facts }: HostSign['worker']): Promise<void> {
    const now = this.#clockMs;
    const [pools, blueprints] = [JSON.stringify(facts.pools), JSON.stringify(facts.blueprints)];
    const row = { pools, blueprints, last_seen: now, ...(copy === undefined ? {} : { copy, machine }) };
    await this.#unsynced
      .insertInto('host_workers')
      .values({ host, worker: id, ...row })
      .onConflict((conflict) => conflict.columns(['host', 'worker']).doUpdateSet(row))
      .execute();
    await this.#unsynced
      .deleteFrom('host_workers')
      .where('host', '=', host)
      .where('last_seen', '<', sql<number>`${now} - ${LONG_AGO_MS}`)
      .execute();
  }

  #select() {
    return this.#db.selectFrom('hosts').selectAll().select(this.#clockMs.as('now'));
  }
}

function hostOf({ id, name, version, now, ...row }: HostRow & { now: number }, workers: readonly WorkerRow[]): Host {
  const { first_seen: firstSeen, last_seen: lastSeen, forgotten_at: at, forgotten_by: by, forgotten_reason } = row;
  return {
    ...{ id, name, version },
    ...(firstSeen === NEVER ? {} : { firstSeenAt: iso(firstSeen) }),
    ...(lastSeen === NEVER ? {} : { lastSeenAt: iso(lastSeen) }),
    unseenMs: Math.max(0, now - lastSeen),
    workers: workers
      .filter(({ host, last_seen: seen }) => host === id && seen >= lastSeen - AWAY_AFTER_MS)
      .map((row) => workerOf(row, now)),
    ...(at === null ? {} : { forgotten: { at: iso(at), by: by ?? '', reason: forgotten_reason ?? '' } }),
  };
}

function workerOf({ pools, blueprints, last_seen: lastSeen }: WorkerRow, now: number): SeenWorker {
  return {
    pools: JSON.parse(pools) as string[],
    blueprints: JSON.parse(blueprints) as BlueprintVersion[],
    unseenMs: Math.max(0, now - lastSeen),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
