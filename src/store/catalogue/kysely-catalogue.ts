import type { Kysely } from 'kysely';
import type { Hold } from '../../domain/rollback/hold.ts';
import { type ServiceKey, formatServiceId, type ServiceSpec } from '../../domain/service/service.ts';
import {
  type Catalogue,
  type RevisionRecord,
  type RolloutRecord,
  type ServiceRecord,
  UnknownServiceError,
} from './catalogue.ts';
import type { CommandLog } from './command-log.ts';
import { KyselyCommandLog } from './kysely-command-log.ts';
import type { ContractLog } from './contract-log.ts';
import type { ServiceDescription } from '../../domain/service/description.ts';
import { KyselyContractLog } from './kysely-contract-log.ts';
import { KyselyRequestLog } from './kysely-request-log.ts';
import { KyselyTeardownLog } from './kysely-teardown-log.ts';
import { readOverview } from './overview.ts';
import type { Overview } from './catalogue.ts';
import type { RequestLog } from './request-log.ts';
import { revisionFromRow, revisionToRow, rolloutFromRow, rolloutToRow } from './rows.ts';
import { selectServices, serviceFromRow } from './services.ts';
import type { CatalogueTables } from './tables.ts';
import type { TeardownLog } from './teardown-log.ts';

const LIST_LIMIT = 100;

/** The catalogue over any database Kysely speaks to. */
export class KyselyCatalogue implements Catalogue {
  readonly requests: RequestLog;
  readonly commands: CommandLog;
  readonly teardowns: TeardownLog;
  readonly contracts: ContractLog;
  readonly #db: Kysely<CatalogueTables>;

  constructor(db: Kysely<CatalogueTables>) {
    this.#db = db;
    this.requests = new KyselyRequestLog(db);
    this.commands = new KyselyCommandLog(db);
    this.teardowns = new KyselyTeardownLog(db);
    this.contracts = new KyselyContractLog(db);
  }

  async saveService(spec: ServiceSpec, order: number): Promise<void> {
    const changing = { spec: JSON.stringify(spec), removed_at: null, write_order: order };
    await this.#db
      .insertInto('services')
      .values({ ...columnsOf(spec.service), ...changing, pinned: '[]', bad: '[]', holds: '[]', settings_due: null })
      .onConflict((conflict) =>
        conflict.columns(['service', 'environment']).doUpdateSet(changing).where('services.write_order', '<=', order),
      )
      .execute();
  }

  async description(key: ServiceKey): Promise<ServiceDescription | undefined> {
    const row = await this.#db
      .selectFrom('services')
      .select(['spec', 'removed_at', 'write_order'])
      .where((is) => is.and(columnsOf(key)))
      .executeTakeFirst();
    if (!row) return undefined;
    const { spec, removed_at: removedAt, write_order: order } = row;
    return { spec: JSON.parse(spec) as ServiceSpec, order, ...(removedAt === null ? {} : { removedAt }) };
  }

  async restoreDescription({ spec, removedAt, order }: ServiceDescription): Promise<void> {
    await this.#db
      .updateTable('services')
      .set({ spec: JSON.stringify(spec), removed_at: removedAt ?? null, write_order: order })
      .where((is) => is.and(columnsOf(spec.service)))
      .execute();
  }

  async saveSpec(spec: ServiceSpec, settingsDue?: string): Promise<void> {
    const due = settingsDue === undefined ? {} : { settings_due: settingsDue };
    await this.#db
      .updateTable('services')
      .set({ spec: JSON.stringify(spec), ...due })
      .where((is) => is.and(columnsOf(spec.service)))
      .execute();
  }

  async settleSettings(key: ServiceKey, upTo: string): Promise<void> {
    await this.#db
      .updateTable('services')
      .set({ settings_due: null })
      .where((is) => is.and(columnsOf(key)))
      .where('settings_due', '<=', upTo)
      .execute();
  }

  async removeService(key: ServiceKey, at: string, order: number): Promise<void> {
    const removal = this.#db.updateTable('services').set({ removed_at: at, settings_due: null, write_order: order });
    // Only the first time counts: a repeat must not make the removal look later than it was.
    await removal
      .where((is) => is.and({ ...columnsOf(key), removed_at: null }))
      .where('write_order', '<=', order)
      .execute();
  }

  async saveMarks(key: ServiceKey, { pinned, bad }: Pick<ServiceRecord, 'pinned' | 'bad'>): Promise<void> {
    const marks = { pinned: JSON.stringify(pinned), bad: JSON.stringify(bad) };
    await this.#db
      .updateTable('services')
      .set(marks)
      .where((is) => is.and(columnsOf(key)))
      .execute();
  }

  async saveHolds(key: ServiceKey, holds: readonly Hold[]): Promise<void> {
    await this.#db
      .updateTable('services')
      .set({ holds: JSON.stringify(holds) })
      .where((is) => is.and(columnsOf(key)))
      .execute();
  }

  async service(key: ServiceKey): Promise<ServiceRecord | undefined> {
    const row = await selectServices(this.#db)
      .where((is) => is.and(columnsOf(key)))
      .executeTakeFirst();
    return row && serviceFromRow(row);
  }

  async services(): Promise<ServiceRecord[]> {
    const rows = await selectServices(this.#db).where('removed_at', 'is', null).execute();
    return rows.map(serviceFromRow);
  }

  overview(key?: ServiceKey): Promise<Overview[]> {
    return readOverview(this.#db, this.requests, key);
  }

  async revision(key: ServiceKey, number: number): Promise<RevisionRecord | undefined> {
    const all = this.#db.selectFrom('revisions').selectAll();
    const row = await all.where((is) => is.and({ ...columnsOf(key), number })).executeTakeFirst();
    return row && revisionFromRow(row);
  }

  async saveRevision(record: RevisionRecord, order: number): Promise<void> {
    const row = { ...revisionToRow(record), write_order: order };
    const insert = this.#db
      .insertInto('revisions')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['service', 'environment', 'number'])
          .doUpdateSet(row)
          .where('revisions.write_order', '<=', order),
      );
    await this.#ofKnownService(record.service, () => insert.execute());
  }

  async revisions(key: ServiceKey, limit = LIST_LIMIT): Promise<RevisionRecord[]> {
    const all = this.#db.selectFrom('revisions').selectAll().orderBy('number', 'desc').limit(limit);
    const rows = await all.where((is) => is.and(columnsOf(key))).execute();
    return rows.map(revisionFromRow);
  }

  async saveRollout(record: RolloutRecord): Promise<void> {
    const row = rolloutToRow(record);
    const { ended_at, outcome, because, exposure } = row;
    const insert = this.#db
      .insertInto('rollouts')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['service', 'environment', 'number'])
          .doUpdateSet({ ended_at, outcome, because, exposure })
          .where('rollouts.ended_at', 'is', null),
      );
    await this.#ofKnownService(record.service, () => insert.execute());
  }

  async rollout(key: ServiceKey, number: number): Promise<RolloutRecord | undefined> {
    const all = this.#db.selectFrom('rollouts').selectAll();
    const row = await all.where((is) => is.and({ ...columnsOf(key), number })).executeTakeFirst();
    return row && rolloutFromRow(row);
  }

  async rollouts(key: ServiceKey, limit = LIST_LIMIT): Promise<RolloutRecord[]> {
    const all = this.#db.selectFrom('rollouts').selectAll().orderBy('number', 'desc').limit(limit);
    const rows = await all.where((is) => is.and(columnsOf(key))).execute();
    return rows.map(rolloutFromRow);
  }

  /** The foreign key refuses first; this puts its refusal into words. */
  async #ofKnownService(key: ServiceKey, write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if ((await this.service(key)) !== undefined) throw error;
      throw new UnknownServiceError(`${formatServiceId(key)} is not in the catalogue; save the service first`);
    }
  }
}

function columnsOf(key: ServiceKey): { service: string; environment: string } {
  return { service: key.name, environment: key.environment };
}
