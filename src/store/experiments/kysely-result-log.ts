import type { Kysely } from 'kysely';
import type { ExperimentKey } from '../../domain/experiment/experiment.ts';
import type { Comparison, Measurement } from '../../domain/experiment/measurement.ts';
import type { RunRef, RunResults } from '../../domain/experiment/run.ts';
import { toRunColumns } from './columns.ts';
import type { ResultLog } from './stores.ts';
import type { ExperimentTables, ResultRow } from './tables.ts';

const LIST_LIMIT = 100;

/** The results over any database Kysely speaks to. */
export class KyselyResultLog implements ResultLog {
  readonly #db: Kysely<ExperimentTables>;

  constructor(db: Kysely<ExperimentTables>) {
    this.#db = db;
  }

  async saveMeasurement(run: RunRef, measurement: Measurement, keptUntil: string): Promise<void> {
    const content = JSON.stringify(measurement);
    const { variant, probe } = measurement;
    await this.#db
      .insertInto('run_results')
      .values({ ...toRunColumns(run), kept_until: keptUntil, comparisons: '[]' })
      .onConflict((conflict) => conflict.columns(['experiment', 'environment', 'run']).doNothing())
      .execute();
    await this.#db
      .insertInto('measurements')
      .values({ ...toRunColumns(run), variant, probe, content })
      .onConflict((conflict) =>
        conflict.columns(['experiment', 'environment', 'run', 'variant', 'probe']).doUpdateSet({ content }),
      )
      .execute();
  }

  async saveComparisons(run: RunRef, comparisons: readonly Comparison[]): Promise<void> {
    await this.#db
      .updateTable('run_results')
      .set({ comparisons: JSON.stringify(comparisons) })
      .where((is) => is.and(toRunColumns(run)))
      .execute();
  }

  async find(run: RunRef): Promise<RunResults | undefined> {
    const row = await this.#db
      .selectFrom('run_results')
      .selectAll()
      .where((is) => is.and(toRunColumns(run)))
      .executeTakeFirst();
    return row && this.#complete(row);
  }

  async list(key: ExperimentKey, { below, limit = LIST_LIMIT }: { below?: number; limit?: number } = {}) {
    const { name: experiment, environment } = key;
    const all = this.#db.selectFrom('run_results').selectAll().orderBy('run', 'desc');
    const ofKey = all.where((is) => is.and({ experiment, environment }));
    const rows = await (below === undefined ? ofKey : ofKey.where('run', '<', below)).limit(limit).execute();
    return Promise.all(rows.map((row) => this.#complete(row)));
  }

  async prune(before: string): Promise<number> {
    const due = await this.#db.selectFrom('run_results').selectAll().where('kept_until', '<', before).execute();
    for (const row of due) {
      const run = toRunColumns(refOf(row));
      // The measurements first: what is left half way is found again.
      await this.#db
        .deleteFrom('measurements')
        .where((is) => is.and(run))
        .execute();
      await this.#db
        .deleteFrom('run_results')
        .where((is) => is.and(run))
        .execute();
    }
    return due.length;
  }

  async #complete(row: ResultRow): Promise<RunResults> {
    const ref = refOf(row);
    const measured = await this.#db
      .selectFrom('measurements')
      .select('content')
      .where((is) => is.and(toRunColumns(ref)))
      .orderBy('probe')
      .orderBy('variant')
      .execute();
    return {
      ...ref,
      measurements: measured.map(({ content }) => JSON.parse(content) as Measurement),
      comparisons: JSON.parse(row.comparisons) as Comparison[],
      keptUntil: row.kept_until,
    };
  }
}

function refOf({ experiment: name, environment, run }: Pick<ResultRow, 'experiment' | 'environment' | 'run'>): RunRef {
  return { experiment: { name, environment }, run };
}
