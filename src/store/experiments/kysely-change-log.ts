import type { Kysely } from 'kysely';
import type { ExperimentKey } from '../../domain/experiment/experiment.ts';
import { toExperimentColumns } from './columns.ts';
import type { ChangeLog, ExperimentChange } from './stores.ts';
import type { ChangeRow, ExperimentTables } from './tables.ts';

/** The changes over any database Kysely speaks to. */
export class KyselyChangeLog implements ChangeLog {
  readonly #db: Kysely<ExperimentTables>;

  constructor(db: Kysely<ExperimentTables>) {
    this.#db = db;
  }

  async remember(key: ExperimentKey, change: ExperimentChange): Promise<ExperimentChange> {
    const { requestId, fingerprint, at, answer } = change;
    await this.#db
      .insertInto('experiment_changes')
      .values({ ...toExperimentColumns(key), request_id: requestId, fingerprint, at, answer })
      .onConflict((conflict) => conflict.columns(['experiment', 'environment', 'request_id']).doNothing())
      .execute();
    return (await this.recall(key, requestId)) ?? change;
  }

  async recall(key: ExperimentKey, requestId: string): Promise<ExperimentChange | undefined> {
    const row = await this.#db
      .selectFrom('experiment_changes')
      .selectAll()
      .where((is) => is.and({ ...toExperimentColumns(key), request_id: requestId }))
      .executeTakeFirst();
    return row && changeOf(row);
  }

  async prune(before: string): Promise<void> {
    await this.#db.deleteFrom('experiment_changes').where('at', '<', before).execute();
  }
}

function changeOf({ request_id: requestId, fingerprint, at, answer }: ChangeRow): ExperimentChange {
  return { requestId, fingerprint, at, answer };
}
