import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { createChangeStops } from './change-stops/migration.ts';
import { createDrift } from './drift/migration.ts';
import { createExperiments } from './experiments/migration.ts';
import { createRollbackProofs } from './experiments/proof-migration.ts';
import { addFolderCopies, createHostWorkers, createHosts } from './hosts/migration.ts';
import { createInstallation } from './installation/migration.ts';
import { createLedger } from './ledger/migration.ts';
import { createReaper } from './reaper/migration.ts';
import { type SqlFlavor, endTable } from './sql-flavor.ts';

/** The steps in their order. One that has been released is never edited: a change is a new step. */
const STEPS: Record<string, (db: Kysely<unknown>, flavor: SqlFlavor) => Promise<void>> = {
  '0001-audit-log': createAuditLog,
  '0002-catalogue': createCatalogue,
  '0003-marks': addMarks,
  '0004-requests': createRequests,
  '0005-write-order': addWriteOrder,
  '0006-commands': createCommands,
  '0007-teardowns': createTeardowns,
  '0008-settings-due': addSettingsDue,
  '0009-experiments': createExperiments,
  '0010-reaper': createReaper,
  '0011-drift': createDrift,
  '0012-rollback-proofs': createRollbackProofs,
  '0013-ledger': createLedger,
  '0014-hosts': createHosts,
  '0015-host-workers': createHostWorkers,
  '0016-installation': createInstallation,
  '0017-folder-copies': addFolderCopies,
  '0018-change-stops': createChangeStops,
  '0019-contracts': createContracts,
  '0020-after-rollbacks': addHoldsAndExposure,
  '0021-baselines': addBaselines,
};

export const STEP_NAMES: readonly string[] = Object.keys(STEPS);

/** The steps from an empty database to the present schema. */
export function createMigrations(flavor: SqlFlavor): Record<string, Migration> {
  return Object.fromEntries(Object.entries(STEPS).map(([name, up]) => [name, { up: (db) => up(db, flavor) }]));
}

async function createAuditLog(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const table = db.schema
    .createTable('audit_events')
    .addColumn('seq', wholeNumber, (column) => column.primaryKey())
    .addColumn('key', text, (column) => column.notNull().unique())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('subject', text, (column) => column.notNull())
    .addColumn('rollout', text)
    .addColumn('actor', text, (column) => column.notNull())
    .addColumn('reason', text)
    .addColumn('data', text, (column) => column.notNull())
    .addColumn('at', text, (column) => column.notNull())
    .addColumn('previous_hash', text, (column) => column.notNull())
    .addColumn('hash', text, (column) => column.notNull());
  await endTable(table, flavor).execute();
  await db.schema.createIndex('audit_events_by_subject').on('audit_events').columns(['subject', 'seq']).execute();
  await db.schema.createIndex('audit_events_by_rollout').on('audit_events').columns(['rollout', 'seq']).execute();
  await flavor.forbidAllButAppending(db);
}

async function createCatalogue(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { text } = flavor;
  const table = db.schema
    .createTable('services')
    .addColumn('service', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('spec', text, (column) => column.notNull())
    .addColumn('removed_at', text)
    .addPrimaryKeyConstraint('services_key', ['service', 'environment']);
  await endTable(table, flavor).execute();
  await createRevisions(db, flavor);
  await createRollouts(db, flavor);
}

/** JSON lists of revision numbers. */
async function addMarks(db: Kysely<unknown>, { text }: SqlFlavor): Promise<void> {
  for (const name of ['pinned', 'bad']) {
    await db.schema
      .alterTable('services')
      .addColumn(name, text, (column) => column.notNull().defaultTo('[]'))
      .execute();
  }
}

async function createRevisions(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const table = db.schema
    .createTable('revisions')
    .addColumn('service', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('number', wholeNumber, (column) => column.notNull())
    .addColumn('artifact', text, (column) => column.notNull())
    .addColumn('blueprint', text, (column) => column.notNull())
    .addColumn('checks', text, (column) => column.notNull())
    .addColumn('requested_by', text, (column) => column.notNull())
    .addColumn('created_at', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('since', text, (column) => column.notNull())
    .addColumn('endpoints', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('revisions_key', ['service', 'environment', 'number'])
    .addForeignKeyConstraint('revisions_service', ['service', 'environment'], 'services', ['service', 'environment']);
  await endTable(table, flavor).execute();
}

async function createRollouts(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const table = db.schema
    .createTable('rollouts')
    .addColumn('service', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('number', wholeNumber, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('revision', wholeNumber)
    .addColumn('actor', text, (column) => column.notNull())
    .addColumn('reason', text)
    .addColumn('started_at', text, (column) => column.notNull())
    .addColumn('ended_at', text)
    .addColumn('outcome', text)
    .addColumn('because', text)
    .addPrimaryKeyConstraint('rollouts_key', ['service', 'environment', 'number'])
    .addForeignKeyConstraint('rollouts_service', ['service', 'environment'], 'services', ['service', 'environment']);
  await endTable(table, flavor).execute();
}

async function createRequests(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const table = db.schema
    .createTable('requests')
    .addColumn('service', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('request_id', text, (column) => column.notNull())
    .addColumn('at', text, (column) => column.notNull())
    .addColumn('fingerprint', text, (column) => column.notNull())
    .addColumn('receipt', text)
    .addColumn('rollout', wholeNumber)
    .addColumn('entry', text)
    .addPrimaryKeyConstraint('requests_key', ['service', 'environment', 'request_id', 'at']);
  await endTable(table, flavor).execute();
  const inOrder = { requests_by_time: 'at', requests_by_rollout: 'rollout' };
  for (const [name, column] of Object.entries(inOrder)) {
    await db.schema.createIndex(name).on('requests').columns(['service', 'environment', column]).execute();
  }
}

async function createCommands(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { text } = flavor;
  const table = db.schema
    .createTable('commands')
    .addColumn('service', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('at', text, (column) => column.notNull())
    .addColumn('content', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('commands_key', ['service', 'environment', 'id']);
  await endTable(table, flavor).execute();
  await db.schema.createIndex('commands_by_time').on('commands').column('at').execute();
}

async function createTeardowns(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const table = db.schema
    .createTable('teardowns')
    .addColumn('service', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('revision', wholeNumber, (column) => column.notNull())
    .addColumn('stack', text, (column) => column.notNull())
    .addColumn('since', text, (column) => column.notNull())
    .addColumn('attempts', wholeNumber, (column) => column.notNull())
    .addColumn('next_attempt_at', text, (column) => column.notNull())
    .addColumn('last_error', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('teardowns_key', ['service', 'environment', 'revision']);
  await endTable(table, flavor).execute();
  await db.schema.alterTable('revisions').addColumn('warm_until', text).execute();
}

/** What was written before there was an order has come before all that has one. */
async function addWriteOrder(db: Kysely<unknown>, { wholeNumber }: SqlFlavor): Promise<void> {
  for (const table of ['services', 'revisions']) {
    await db.schema
      .alterTable(table)
      .addColumn('write_order', wholeNumber, (column) => column.notNull().defaultTo(0))
      .execute();
  }
}

async function addSettingsDue(db: Kysely<unknown>, { text }: SqlFlavor): Promise<void> {
  await db.schema.alterTable('services').addColumn('settings_due', text).execute();
}

async function createContracts(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const table = db.schema
    .createTable('contracts')
    .addColumn('service', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('revision', wholeNumber, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('content', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('contracts_key', ['service', 'environment', 'revision']);
  await endTable(table, flavor).execute();
}

async function addHoldsAndExposure(db: Kysely<unknown>, { text }: SqlFlavor): Promise<void> {
  await db.schema
    .alterTable('services')
    .addColumn('holds', text, (column) => column.notNull().defaultTo('[]'))
    .execute();
  await db.schema.alterTable('rollouts').addColumn('exposure', text).execute();
}

/** Of a baseline, the number of the revision that it is a copy of. */
async function addBaselines(db: Kysely<unknown>, { wholeNumber }: SqlFlavor): Promise<void> {
  await db.schema.alterTable('revisions').addColumn('copy_of', wholeNumber).execute();
}
