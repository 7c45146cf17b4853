import type { Kysely } from 'kysely';
import type { ExperimentKey, ExperimentSpec } from '../../domain/experiment/experiment.ts';
import { toExperimentColumns } from './columns.ts';
import type { ExperimentCatalogue, ExperimentRecord } from './stores.ts';
import type { ExperimentRow, ExperimentTables } from './tables.ts';

/** The experiments over any database Kysely speaks to. */
export class KyselyExperimentCatalogue implements ExperimentCatalogue {
  readonly #db: Kysely<ExperimentTables>;

  constructor(db: Kysely<ExperimentTables>) {
    this.#db = db;
  }

  async save(spec: ExperimentSpec): Promise<ExperimentRecord> {
    const text = JSON.stringify(spec);
    await this.#db
      .insertInto('experiments')
      .values({ ...toExperimentColumns(spec.experiment), spec: text, paused: null, version: 1, deleted_at: null })
      .onConflict((conflict) =>
        conflict.columns(['experiment', 'environment']).doUpdateSet((is) => ({
          spec: text,
          deleted_at: null,
          version: is('experiments.version', '+', 1),
        })),
      )
      .execute();
    const saved = await this.find(spec.experiment);
    if (!saved) throw new Error(`the experiment ${spec.experiment.name} was not saved`);
    return saved;
  }

  async setPaused(key: ExperimentKey, paused: ExperimentRecord['paused']): Promise<void> {
    await this.#db
      .updateTable('experiments')
      .set((is) => ({ paused: paused ? JSON.stringify(paused) : null, version: is('version', '+', 1) }))
      .where((is) => is.and(toExperimentColumns(key)))
      .execute();
  }

  async delete(key: ExperimentKey, at: string, version?: number): Promise<void> {
    await this.#db
      .updateTable('experiments')
      .set((is) => ({ deleted_at: at, paused: null, version: is('version', '+', 1) }))
      .where((is) => is.and({ ...toExperimentColumns(key), deleted_at: null, ...(version ? { version } : {}) }))
      .execute();
  }

  async find(key: ExperimentKey): Promise<ExperimentRecord | undefined> {
    const row = await this.#select()
      .where((is) => is.and(toExperimentColumns(key)))
      .executeTakeFirst();
    return row && recordOf(row);
  }

  async list({ deleted = false }: { deleted?: boolean } = {}): Promise<ExperimentRecord[]> {
    const all = this.#select();
    const rows = await (deleted ? all : all.where('deleted_at', 'is', null)).execute();
    return rows.map(recordOf);
  }

  #select() {
    return this.#db
      .selectFrom('experiments')
      .selectAll()
      .select((experiment) =>
        experiment
          .selectFrom('experiment_runs')
          .whereRef('experiment_runs.experiment', '=', 'experiments.experiment')
          .whereRef('experiment_runs.environment', '=', 'experiments.environment')
          .select(({ fn }) => fn.max<number | null>('experiment_runs.run').as('last'))
          .as('last_run'),
      )
      .orderBy('experiments.experiment')
      .orderBy('experiments.environment');
  }
}

function recordOf(row: ExperimentRow & { last_run: number | null }): ExperimentRecord {
  return {
    spec: JSON.parse(row.spec) as ExperimentSpec,
    ...(row.paused === null ? {} : { paused: JSON.parse(row.paused) as NonNullable<ExperimentRecord['paused']> }),
    lastRun: row.last_run ?? 0,
    version: row.version,
    ...(row.deleted_at === null ? {} : { deletedAt: row.deleted_at }),
  };
}
