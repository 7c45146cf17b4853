import type { ExpressionBuilder, Kysely, Selectable } from 'kysely';
import type { Receipt } from '../../domain/service/requests.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { RequestLog, RequestRecord, RolloutRequest } from './request-log.ts';
import type { CatalogueTables, RequestRow } from './tables.ts';

/** The request log over any database Kysely speaks to. */
export class KyselyRequestLog implements RequestLog {
  readonly #db: Kysely<CatalogueTables>;

  constructor(db: Kysely<CatalogueTables>) {
    this.#db = db;
  }

  async save(record: RequestRecord): Promise<void> {
    const row = toRow(record);
    if (row.rollout !== null) await this.#forgetOthers(row, row.rollout);
    await this.#db
      .insertInto('requests')
      .values(row)
      .onConflict((conflict) => conflict.columns(['service', 'environment', 'request_id', 'at']).doUpdateSet(row))
      .execute();
  }

  async forget(key: ServiceKey, requestId: string, at: string): Promise<void> {
    const which = { ...columnsOf(key), request_id: requestId, at };
    await this.#db
      .deleteFrom('requests')
      .where((is) => is.and(which))
      .execute();
  }

  async find(key: ServiceKey, requestId: string): Promise<RequestRecord | undefined> {
    const row = await this.#of(key).where('request_id', '=', requestId).orderBy('at', 'desc').executeTakeFirst();
    return row && fromRow(row);
  }

  async latest(key: ServiceKey, limit: number): Promise<RequestRecord[]> {
    const rows = await this.#of(key).orderBy('at', 'desc').orderBy('rollout', 'desc').limit(limit).execute();
    return rows.map(fromRow);
  }

  async entry(key: ServiceKey, rollout: number): Promise<RolloutRequest | undefined> {
    const row = await this.#of(key).where('rollout', '=', rollout).executeTakeFirst();
    return row && fromRow(row).entry;
  }

  async queue(key?: ServiceKey): Promise<RolloutRequest[]> {
    const rows = await (key ? this.#of(key) : this.#db.selectFrom('requests').selectAll())
      .where('rollout', 'is not', null)
      .where((is) => is.not(is.exists(rolloutOf(is))))
      .orderBy('rollout')
      .execute();
    return rows.flatMap((row) => fromRow(row).entry ?? []);
  }

  async waiting(): Promise<ServiceKey[]> {
    const rows = await this.#db
      .selectFrom('requests')
      .select(['requests.service', 'requests.environment'])
      .distinct()
      .where('rollout', 'is not', null)
      .where((is) => is.not(is.exists(rolloutOf(is))))
      .orderBy('requests.service')
      .orderBy('requests.environment')
      .execute();
    return rows.map(({ service, environment }) => ({ name: service, environment }));
  }

  async prune(key: ServiceKey, before: string): Promise<void> {
    await this.#db
      .deleteFrom('requests')
      .where((is) => is.and(columnsOf(key)))
      .where('at', '<', before)
      .where((is) =>
        is.or([is('rollout', 'is', null), is.exists(rolloutOf(is).where('rollouts.ended_at', 'is not', null))]),
      )
      .execute();
  }

  /** A number is given once: another request that has it was taken in by a workflow task that was discarded. */
  async #forgetOthers({ service, environment, request_id, at }: RequestRow, rollout: number): Promise<void> {
    await this.#db
      .deleteFrom('requests')
      .where((is) => is.and({ service, environment, rollout }))
      .where((is) => is.or([is('request_id', '!=', request_id), is('at', '!=', at)]))
      .execute();
  }

  #of(key: ServiceKey) {
    return this.#db
      .selectFrom('requests')
      .selectAll()
      .where((is) => is.and(columnsOf(key)));
  }
}

/** The rollout that a request has asked for, where it is recorded as begun or dropped. */
function rolloutOf(is: ExpressionBuilder<CatalogueTables, 'requests'>) {
  return is
    .selectFrom('rollouts')
    .select('rollouts.number')
    .whereRef('rollouts.service', '=', 'requests.service')
    .whereRef('rollouts.environment', '=', 'requests.environment')
    .whereRef('rollouts.number', '=', 'requests.rollout');
}

function columnsOf(key: ServiceKey): { service: string; environment: string } {
  return { service: key.name, environment: key.environment };
}

function toRow({ service, requestId, at, fingerprint, receipt, entry }: RequestRecord): RequestRow {
  return {
    ...columnsOf(service),
    request_id: requestId,
    at,
    fingerprint,
    receipt: receipt ? JSON.stringify(receipt) : null,
    rollout: entry?.number ?? null,
    entry: entry ? JSON.stringify(entry) : null,
  };
}

function fromRow(row: Selectable<RequestRow>): RequestRecord {
  return {
    service: { name: row.service, environment: row.environment },
    requestId: row.request_id,
    at: row.at,
    fingerprint: row.fingerprint,
    ...(row.receipt === null ? {} : { receipt: JSON.parse(row.receipt) as Receipt }),
    ...(row.entry === null ? {} : { entry: JSON.parse(row.entry) as RolloutRequest }),
  };
}
