import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * The steps from an empty file to the present schema, in the order of their names. One that has been released is never
 * edited: a change is a new step.
 */
export const MIGRATIONS: Record<string, Migration> = {
  '0001-audit-log': { up: createAuditLog },
  '0002-catalogue': { up: createCatalogue },
  '0003-marks': { up: addMarks },
  '0004-requests': { up: createRequests },
  '0005-write-order': { up: addWriteOrder },
};

async function createAuditLog(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_events')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('key', 'text', (column) => column.notNull().unique())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('rollout', 'text')
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('previous_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();
  await db.schema.createIndex('audit_events_by_subject').on('audit_events').columns(['subject', 'seq']).execute();
  await db.schema.createIndex('audit_events_by_rollout').on('audit_events').columns(['rollout', 'seq']).execute();
  await forbidAllButAppending(db);
}

/** Against slips, not against ill will: whoever can drop a trigger is told on by the chain. */
async function forbidAllButAppending(db: Kysely<unknown>): Promise<void> {
  await sql`create trigger audit_events_no_update before update on audit_events
    begin select raise(abort, 'the audit log is append-only'); end`.execute(db);
  await sql`create trigger audit_events_no_delete before delete on audit_events
    begin select raise(abort, 'the audit log is append-only'); end`.execute(db);
  await sql`create trigger audit_events_in_order before insert on audit_events
    when new.seq is not (select coalesce(max(seq), 0) + 1 from audit_events)
    begin select raise(abort, 'the audit log is appended to at its end'); end`.execute(db);
}

async function createCatalogue(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('services')
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('spec', 'text', (column) => column.notNull())
    .addColumn('removed_at', 'text')
    .addPrimaryKeyConstraint('services_key', ['service', 'environment'])
    .modifyEnd(sql`strict`)
    .execute();
  await createRevisions(db);
  await createRollouts(db);
}

/** JSON lists of revision numbers. */
async function addMarks(db: Kysely<unknown>): Promise<void> {
  for (const name of ['pinned', 'bad']) {
    await db.schema
      .alterTable('services')
      .addColumn(name, 'text', (column) => column.notNull().defaultTo('[]'))
      .execute();
  }
}

async function createRevisions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('revisions')
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('artifact', 'text', (column) => column.notNull())
    .addColumn('blueprint', 'text', (column) => column.notNull())
    .addColumn('checks', 'text', (column) => column.notNull())
    .addColumn('requested_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('since', 'text', (column) => column.notNull())
    .addColumn('endpoints', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('revisions_key', ['service', 'environment', 'number'])
    .addForeignKeyConstraint('revisions_service', ['service', 'environment'], 'services', ['service', 'environment'])
    .modifyEnd(sql`strict`)
    .execute();
}

async function createRollouts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rollouts')
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer')
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('ended_at', 'text')
    .addColumn('outcome', 'text')
    .addColumn('because', 'text')
    .addPrimaryKeyConstraint('rollouts_key', ['service', 'environment', 'number'])
    .addForeignKeyConstraint('rollouts_service', ['service', 'environment'], 'services', ['service', 'environment'])
    .modifyEnd(sql`strict`)
    .execute();
}

async function createRequests(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('requests')
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('ticket', 'text')
    .addColumn('rollout', 'integer')
    .addColumn('entry', 'text')
    .addPrimaryKeyConstraint('requests_key', ['service', 'environment', 'request_id', 'at'])
    .modifyEnd(sql`strict`)
    .execute();
  const inOrder = { requests_by_time: 'at', requests_by_rollout: 'rollout' };
  for (const [name, column] of Object.entries(inOrder)) {
    await db.schema.createIndex(name).on('requests').columns(['service', 'environment', column]).execute();
  }
}

/** What was written before there was an order has come before all that has one. */
async function addWriteOrder(db: Kysely<unknown>): Promise<void> {
  for (const table of ['services', 'revisions']) {
    await db.schema
      .alterTable(table)
      .addColumn('write_order', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  }
}
