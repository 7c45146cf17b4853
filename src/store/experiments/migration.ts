import type { Kysely } from 'kysely';
import { type SqlFlavor, endTable } from '../sql-flavor.ts';

/** The tables of experiments. */
export async function createExperiments(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  await createDescriptions(db, flavor);
  await createRuns(db, flavor);
  await createLeases(db, flavor);
  await createResults(db, flavor);
}

async function createDescriptions(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const experiments = db.schema
    .createTable('experiments')
    .addColumn('experiment', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('spec', text, (column) => column.notNull())
    .addColumn('paused', text)
    .addColumn('version', wholeNumber, (column) => column.notNull())
    .addColumn('deleted_at', text)
    .addPrimaryKeyConstraint('experiments_key', ['experiment', 'environment']);
  await endTable(experiments, flavor).execute();
  const changes = db.schema
    .createTable('experiment_changes')
    .addColumn('experiment', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('request_id', text, (column) => column.notNull())
    .addColumn('fingerprint', text, (column) => column.notNull())
    .addColumn('at', text, (column) => column.notNull())
    .addColumn('answer', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('experiment_changes_key', ['experiment', 'environment', 'request_id']);
  await endTable(changes, flavor).execute();
}

async function createRuns(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const runs = db.schema
    .createTable('experiment_runs')
    .addColumn('experiment', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('run', wholeNumber, (column) => column.notNull())
    .addColumn('workflow_id', text, (column) => column.notNull().unique())
    .addColumn('first_run_id', text)
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('started_at', text, (column) => column.notNull())
    .addColumn('deadline_at', text, (column) => column.notNull())
    .addColumn('ended_at', text)
    .addColumn('outcome', text)
    .addColumn('stacks', wholeNumber, (column) => column.notNull())
    .addColumn('stop', text)
    .addColumn('plan', text)
    .addPrimaryKeyConstraint('experiment_runs_key', ['experiment', 'environment', 'run']);
  await endTable(runs, flavor).execute();
  await db.schema
    .createIndex('experiment_runs_open')
    .on('experiment_runs')
    .columns(['outcome', 'started_at'])
    .execute();
}

async function createLeases(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const leases = db.schema
    .createTable('leases')
    .addColumn('project', text, (column) => column.notNull())
    .addColumn('stack', text, (column) => column.notNull())
    .addColumn('experiment', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('run', wholeNumber, (column) => column.notNull())
    .addColumn('deadline_at', text, (column) => column.notNull())
    .addColumn('content', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('leases_key', ['project', 'stack']);
  await endTable(leases, flavor).execute();
}

async function createResults(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const results = db.schema
    .createTable('run_results')
    .addColumn('experiment', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('run', wholeNumber, (column) => column.notNull())
    .addColumn('kept_until', text, (column) => column.notNull())
    .addColumn('comparisons', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('run_results_key', ['experiment', 'environment', 'run']);
  await endTable(results, flavor).execute();
  const measurements = db.schema
    .createTable('measurements')
    .addColumn('experiment', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('run', wholeNumber, (column) => column.notNull())
    .addColumn('variant', text, (column) => column.notNull())
    .addColumn('probe', text, (column) => column.notNull())
    .addColumn('content', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('measurements_key', ['experiment', 'environment', 'run', 'variant', 'probe']);
  await endTable(measurements, flavor).execute();
}
