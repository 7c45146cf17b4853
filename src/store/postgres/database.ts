import { Kysely, sql, type Transaction } from 'kysely';
import type { Pool } from 'pg';
import { AuditUnavailableError } from '../audit/store.ts';
import { type Database, DEFAULT_PATIENCE_MS, type OpenOptions } from '../database.ts';
import { inspectSchema, migrateSchema, createNothingRecordedError } from '../migrate.ts';
import { redactUrl } from '../place.ts';
import type { Schema } from '../schema.ts';
import { SharedPostgresDialect } from './dialect.ts';
import { isTransient } from './failures.ts';
import { retryTransient } from './retry-transient.ts';
import { openPool } from './pool.ts';
import { POSTGRES_FLAVOR } from './flavor.ts';
import { SCHEMA } from './schema-name.ts';
import { WriteQueue } from './write-queue.ts';

/** Opens the schema `supplant` in the database at `url`, and creates it where missing. The database must be there. */
export async function openPostgres(url: string, options: OpenOptions): Promise<Database> {
  const { readOnly = false, isPrepared = readOnly, patienceMs = DEFAULT_PATIENCE_MS } = options;
  const name = redactUrl(url);
  const pool = openPool({ url, readOnly, patienceMs });
  const db = new Kysely<Schema>({ dialect: new SharedPostgresDialect(pool, { name, patienceMs }) });
  const writes = new WriteQueue(patienceMs);
  const database: Database = {
    name,
    db,
    clockMs: POSTGRES_FLAVOR.clockMs,
    unsynced: db,
    exclusively: (work) =>
      writes.take(() => retryTransient(patienceMs, () => db.transaction().execute(work)), isTransient),
    close: () => end(pool),
  };
  try {
    await refuseEncoding(database);
    const surroundings = { tables: await tablesOf(db), elsewhere: 'name another database' };
    const current = await inspectSchema(database, surroundings);
    if (isPrepared && !current) throw createNothingRecordedError(name);
    if (!current) await database.exclusively(prepare);
    return database;
  } catch (error) {
    await end(pool);
    throw error;
  }
}

async function prepare(transaction: Transaction<Schema>): Promise<void> {
  // Not `if not exists`, which asks for the right to make it also where it was made for a user without that right.
  const found = await sql`select 1 from pg_catalog.pg_namespace where nspname = ${SCHEMA}`.execute(transaction);
  if (found.rows.length === 0) await transaction.schema.createSchema(SCHEMA).execute();
  await migrateSchema(transaction, POSTGRES_FLAVOR, SCHEMA);
}

async function end(pool: Pool): Promise<void> {
  if (!pool.ending) await pool.end();
}

async function tablesOf(db: Kysely<Schema>): Promise<string[]> {
  const tables = await sql<{
    name: string;
  }>`select tablename::text as name from pg_catalog.pg_tables where schemaname = ${SCHEMA}`.execute(db);
  return tables.rows.map(({ name }) => name);
}

/** Evidence is text in any script. */
async function refuseEncoding({ db, name }: Database): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`select pg_catalog.getdatabaseencoding()::text as encoding`.execute(
    db,
  );
  const encoding = rows[0]?.encoding;
  if (encoding === 'UTF8') return;
  throw new AuditUnavailableError(
    `${name}: its encoding is ${encoding ?? 'unknown'}; name a database made with createdb --encoding UTF8 --template template0`,
  );
}
