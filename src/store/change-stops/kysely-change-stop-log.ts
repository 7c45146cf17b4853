import type { Kysely } from 'kysely';
import type { ChangeStop } from '../../domain/gates/stop.ts';
import type { ChangeStopLog } from './log.ts';
import type { ChangeStopRow, ChangeStopTables } from './tables.ts';

/** The key of the stop of all environments, which no environment is called. */
const ALL = '';

/** Stops of changes over any database Kysely speaks to. */
export class KyselyChangeStopLog implements ChangeStopLog {
  readonly #db: Kysely<ChangeStopTables>;

  constructor(db: Kysely<ChangeStopTables>) {
    this.#db = db;
  }

  async list(): Promise<ChangeStop[]> {
    const rows = await this.#db.selectFrom('change_stops').selectAll().orderBy('environment').execute();
    return rows.map(stopOf);
  }

  async set({ environment = ALL, actor, reason, since, until }: ChangeStop): Promise<void> {
    const content = { actor, reason, since, until: until ?? null };
    await this.#db
      .insertInto('change_stops')
      .values({ environment, ...content })
      .onConflict((conflict) => conflict.column('environment').doUpdateSet(content))
      .execute();
  }

  async lift({ environment = ALL, since }: Pick<ChangeStop, 'environment' | 'since'>): Promise<void> {
    await this.#db
      .deleteFrom('change_stops')
      .where((is) => is.and({ environment, since }))
      .execute();
  }
}

function stopOf({ environment, actor, reason, since, until }: ChangeStopRow): ChangeStop {
  return {
    ...(environment === ALL ? {} : { environment }),
    ...{ actor, reason, since },
    ...(until === null ? {} : { until }),
  };
}
