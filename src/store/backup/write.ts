import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { sql, type Transaction } from 'kysely';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { exportEvents } from '../audit/export.ts';
import { KyselyAuditStore } from '../audit/kysely-store.ts';
import { produceDurably } from '../../host/durable-file.ts';
import type { Database } from '../database.ts';
import { STEP_NAMES } from '../migrations.ts';
import type { Schema } from '../schema.ts';
import {
  BackupError,
  FORMAT,
  type Header,
  type Row,
  sealLine,
  type TableName,
  TABLE_NAMES,
  TABLES,
  VERSION,
} from './format.ts';

const PAGE = 500;

/** What is in a backup. */
export type BackupContent = Pick<Header, 'at' | 'events' | 'head' | 'rows'>;

/**
 * Writes all of a database to a new file, as it was at one moment, however many write to it meanwhile.
 *
 * @throws BackupError when the file exists, or when the chain is broken: it could not be restored
 */
export async function writeBackup(database: Database, file: string): Promise<BackupContent> {
  await refuseExisting(file);
  return database.db
    .transaction()
    .setAccessMode('read only')
    .execute(async (snapshot) => {
      const header = await headerOf(snapshot);
      try {
        await produceDurably(file, (write) => writeLines(snapshot, header, write));
      } catch (error) {
        throw unwritable(file, error);
      }
      return header;
    });
}

async function refuseExisting(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw alreadyThere(file);
}

function alreadyThere(file: string): BackupError {
  return new BackupError(`${file} exists already; name a file that does not`);
}

function unwritable(file: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return alreadyThere(file);
  if (code === 'ENOSPC')
    return new BackupError(`${file}: the disk is full; nothing was left there; name another place`);
  if (code === 'ENOENT') return new BackupError(`${file}: there is no such folder; make it, or name another place`);
  if (code === 'EACCES' || code === 'EROFS')
    return new BackupError(`${file}: it may not be written there; name another place`);
  return error;
}

async function headerOf(snapshot: Transaction<Schema>): Promise<Header> {
  const verdict = await auditOf(snapshot).verify();
  if (!verdict.ok) {
    throw new BackupError(
      `${verdict.fault}: a backup of it could not be restored; keep a copy of the database as it is, and find out who did it`,
    );
  }
  const rows = {} as Header['rows'];
  for (const table of TABLE_NAMES) rows[table] = await countOf(snapshot, table);
  const [at, schema] = [new Date().toISOString(), STEP_NAMES.at(-1) ?? ''];
  return { format: FORMAT, version: VERSION, at, schema, events: verdict.events, head: verdict.head, rows };
}

function auditOf(snapshot: Transaction<Schema>): KyselyAuditStore {
  const readOnly = (): Promise<never> => Promise.reject(new Error('a snapshot is only read'));
  return new KyselyAuditStore(snapshot.$pickTables<'audit_events'>(), readOnly, async () => undefined);
}

async function writeLines(
  snapshot: Transaction<Schema>,
  header: Header,
  write: (text: string) => Promise<void>,
): Promise<void> {
  const hash = createHash('sha256');
  let lines = 0;
  const writeLine = async (line: string): Promise<void> => {
    hash.update(line);
    lines += 1;
    await write(line);
  };
  await writeLine(textOf(sealLine(header)));
  await exportEvents(auditOf(snapshot), (event) => writeLine(event));
  for (const table of TABLE_NAMES) {
    for await (const row of rowsOf(snapshot, table)) await writeLine(textOf(sealLine({ table, row })));
  }
  await write(textOf(sealLine({ lines, sha256: hash.digest('hex') })));
}

function textOf(line: object): string {
  return `${canonicalJson(line)}\n`;
}

async function countOf(snapshot: Transaction<Schema>, table: TableName): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(snapshot);
  return rows[0]?.count ?? 0;
}

async function* rowsOf(snapshot: Transaction<Schema>, table: TableName): AsyncGenerator<Row> {
  const key = sql.join(TABLES[table].key.map((column) => sql.ref(column)));
  for (let offset = 0; ; offset += PAGE) {
    const page = sql<Row>`select * from ${sql.table(table)} order by ${key} limit ${PAGE} offset ${offset}`;
    const { rows } = await page.execute(snapshot);
    yield* rows;
    if (rows.length < PAGE) return;
  }
}
