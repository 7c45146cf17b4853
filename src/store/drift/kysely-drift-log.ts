import type { Kysely } from 'kysely';
import type { DriftRecord, DriftTarget } from '../../domain/drift/record.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { DriftLog } from './log.ts';
import type { DriftRow, DriftTables } from './tables.ts';

/** What looks for drift have found, over any database Kysely speaks to. */
export class KyselyDriftLog implements DriftLog {
  readonly #db: Kysely<DriftTables>;

  constructor(db: Kysely<DriftTables>) {
    this.#db = db;
  }

  async find(target: DriftTarget): Promise<DriftRecord | undefined> {
    const row = await this.#db
      .selectFrom('drift_records')
      .selectAll()
      .where((is) => is.and(keyOf(target)))
      .executeTakeFirst();
    return row && recordOf(row);
  }

  async list(service?: ServiceKey): Promise<DriftRecord[]> {
    const rows = await this.#db
      .selectFrom('drift_records')
      .selectAll()
      .where((is) => is.and(service ? { service: service.name, environment: service.environment } : {}))
      .orderBy('service')
      .orderBy('environment')
      .orderBy('revision')
      .execute();
    return rows.map(recordOf);
  }

  async save(record: DriftRecord): Promise<boolean> {
    const { service: _service, revision: _revision, version, ...known } = record;
    const content = JSON.stringify(known);
    if (version === 1) {
      const inserted = await this.#db
        .insertInto('drift_records')
        .values({ ...keyOf(record), version, content })
        .onConflict((conflict) => conflict.columns(['service', 'environment', 'revision']).doNothing())
        .executeTakeFirst();
      return inserted.numInsertedOrUpdatedRows === 1n;
    }
    const updated = await this.#db
      .updateTable('drift_records')
      .set({ version, content })
      .where((is) => is.and({ ...keyOf(record), version: version - 1 }))
      .executeTakeFirst();
    return updated.numUpdatedRows === 1n;
  }

  async forget(target: DriftTarget): Promise<void> {
    await this.#db
      .deleteFrom('drift_records')
      .where((is) => is.and(keyOf(target)))
      .execute();
  }
}

function keyOf({ service, revision }: DriftTarget): Pick<DriftRow, 'service' | 'environment' | 'revision'> {
  return { service: service.name, environment: service.environment, revision };
}

function recordOf({ service: name, environment, revision, version, content }: DriftRow): DriftRecord {
  const known = JSON.parse(content) as Omit<DriftRecord, 'service' | 'revision' | 'version'>;
  return { service: { name, environment }, revision, version, ...known };
}
