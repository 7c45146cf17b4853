import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CompiledQuery, Kysely } from 'kysely';
import { KyselyAuditStore } from '../audit/kysely-store.ts';
import { AuditUnavailableError, type AuditStore } from '../audit/store.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { KyselyCatalogue } from '../catalogue/kysely-catalogue.ts';
import { SharedSqliteDialect } from './dialect.ts';
import { clearError } from './failures.ts';
import { inspect, migrate } from './migrate.ts';
import { NodeSqliteDatabase } from './node-sqlite.ts';
import type { Schema } from './schema.ts';

/** Audit log and catalogue in one file; closing the audit log closes the file, as closing this does. */
export interface Store {
  audit: AuditStore;
  catalogue: Catalogue;
  close: () => Promise<void>;
}

export interface StoreOptions {
  /** For those who only look: creates nothing, changes nothing, and every write fails. */
  readOnly?: boolean;
  /**
   * How long a statement waits for another process's write before it fails, in milliseconds; 5,000 unless told. A write
   * takes about one.
   */
  lockTimeoutMs?: number;
}

/**
 * Opens the file at `path`, which several processes may have open at once, and creates it and its folder where missing.
 *
 * @throws AuditUnavailableError saying what to do, when the path cannot be used; a file that is not ours, not sound or
 *   newer than this program is left as it is
 */
export async function openStore(path: string, options: StoreOptions = {}): Promise<Store> {
  const { readOnly = false, lockTimeoutMs = 5000 } = options;
  if (!readOnly) await createFolder(path);
  const database = openDatabase(path, readOnly);
  try {
    const db = new Kysely<Schema>({ dialect: new SharedSqliteDialect(database, { path, lockTimeoutMs }) });
    const current = await inspect(db, path);
    if (readOnly && !current)
      throw new AuditUnavailableError(`${path}: nothing has been recorded there by this version`);
    if (!readOnly) await prepareToWrite(db, current);
    const close = async (): Promise<void> => database.close();
    const audit = new KyselyAuditStore(db.$pickTables<'audit_events'>(), close);
    const catalogue = new KyselyCatalogue(db.$pickTables<'services' | 'revisions' | 'rollouts' | 'requests'>());
    return { audit, catalogue, close };
  } catch (error) {
    database.close();
    throw error;
  }
}

function openDatabase(path: string, readOnly: boolean): NodeSqliteDatabase {
  try {
    return new NodeSqliteDatabase(path, readOnly);
  } catch (error) {
    throw clearError(path, error);
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

async function prepareToWrite(db: Kysely<Schema>, current: boolean): Promise<void> {
  // With a write-ahead log, readers never wait for a writer, nor a writer for readers.
  await db.executeQuery(CompiledQuery.raw('pragma journal_mode = wal'));
  // Not `normal`, which would be faster: with it, power loss takes back commits that were reported as done, and a
  // decision has to be on record before its effect shows (invariant 5).
  await db.executeQuery(CompiledQuery.raw('pragma synchronous = full'));
  await db.executeQuery(CompiledQuery.raw('pragma foreign_keys = on'));
  if (!current) await migrate(db);
}
