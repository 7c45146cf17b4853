import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CompiledQuery, Kysely, sql } from 'kysely';
import { AuditUnavailableError } from '../audit/store.ts';
import { type Database, DEFAULT_PATIENCE_MS, type OpenOptions } from '../database.ts';
import { inspectSchema, migrateSchema, createNothingRecordedError } from '../migrate.ts';
import type { Schema } from '../schema.ts';
import { SharedSqliteDialect } from './dialect.ts';
import { toClearError, createDamagedError, createMissingError } from './failures.ts';
import { NodeSqliteDatabase } from './node-sqlite.ts';
import { UnsyncedFile } from './unsynced-file.ts';
import { SQLITE_FLAVOR } from './flavor.ts';

/** Opens the file at `path`, and creates it and its folder where missing. */
export async function openSqlite(path: string, options: OpenOptions): Promise<Database> {
  const { readOnly = false, isPrepared = readOnly, patienceMs = DEFAULT_PATIENCE_MS } = options;
  if (!isPrepared) await createFolder(path);
  const file = openFile(path, { readOnly, isPrepared });
  const db = new Kysely<Schema>({ dialect: new SharedSqliteDialect(file, { path, patienceMs }) });
  const unsynced = new UnsyncedFile(path, { readOnly, patienceMs });
  const database: Database = {
    name: path,
    db,
    clockMs: SQLITE_FLAVOR.clockMs,
    get unsynced() {
      return path === ':memory:' ? db : unsynced.open();
    },
    exclusively: (work) => db.transaction().execute(work),
    close: async () => {
      unsynced.close();
      file.close();
    },
  };
  try {
    const current = await inspectSchema(database, { tables: await tablesOf(db), elsewhere: 'name another path' });
    if (isPrepared && !current) throw createNothingRecordedError(path);
    if (!readOnly) await prepareToWrite(database, current);
    return database;
  } catch (error) {
    file.close();
    throw error;
  }
}

function openFile(
  path: string,
  { readOnly, isPrepared }: { readOnly: boolean; isPrepared: boolean },
): NodeSqliteDatabase {
  try {
    // Opened to write, a file that is not there would be made.
    if (isPrepared && path !== ':memory:' && !existsSync(path)) throw createMissingError(path);
    return new NodeSqliteDatabase(path, readOnly);
  } catch (error) {
    throw toClearError(path, error);
  }
}

async function createFolder(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new AuditUnavailableError(`${folder}: the folder cannot be created; name another path`, { cause: error });
  }
}

async function tablesOf(db: Kysely<Schema>): Promise<string[]> {
  const tables = await sql<{ name: string }>`select name from sqlite_schema where type = 'table'`.execute(db);
  return tables.rows.map(({ name }) => name);
}

async function prepareToWrite(database: Database, current: boolean): Promise<void> {
  const { db, name } = database;
  await refuseDamage(db, name);
  // With a write-ahead log, readers never wait for a writer, nor a writer for readers.
  await db.executeQuery(CompiledQuery.raw('pragma journal_mode = wal'));
  // Not `normal`, which would be faster: with it, power loss takes back commits that were reported as done, and a
  // decision has to be recorded before its effect shows (invariant 5).
  await db.executeQuery(CompiledQuery.raw('pragma synchronous = full'));
  await db.executeQuery(CompiledQuery.raw('pragma foreign_keys = on'));
  if (!current) await database.exclusively((transaction) => migrateSchema(transaction, SQLITE_FLAVOR));
}

/** Reads the whole file. What is damaged somewhere would take new records and lose them. */
async function refuseDamage(db: Kysely<Schema>, path: string): Promise<void> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db);
  const finding = rows[0]?.quick_check;
  if (finding !== undefined && finding !== 'ok') throw createDamagedError(path, finding);
}
