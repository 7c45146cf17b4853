import { sql, type Transaction } from 'kysely';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { KyselyAuditStore } from '../audit/kysely-store.ts';
import { toRow } from '../audit/table.ts';
import type { AuditEvent } from '../audit/store.ts';
import type { Database } from '../database.ts';
import type { Schema } from '../schema.ts';
import { BackupError, type Header, type Row, type TableName, TABLE_NAMES, TABLES } from './format.ts';
import { type Item, readBackup } from './read.ts';
import type { BackupContent } from './write.ts';

/** Rows in one statement; each has at most 12 values, and SQLite takes 32,766. */
const BATCH = 200;

/**
 * Reads a backup to its end without writing anything.
 *
 * @throws BackupError when any of it is not as it was written
 */
export async function checkBackup(file: string): Promise<BackupContent> {
  return read(file, async () => undefined);
}

/**
 * Writes what is in a backup to a database in which nothing has been recorded, all of it or nothing.
 *
 * @param name what to call the database in a message
 * @throws BackupError when the database is not empty, or the backup is not what it was when it was checked
 */
export async function restoreBackup(file: string, database: Database): Promise<void> {
  const { name } = database;
  let attempts = 0;
  await database.exclusively(async (transaction) => {
    attempts += 1;
    const found = await firstTableInUse(transaction);
    // The answer to an earlier attempt's commit was lost.
    if (found !== undefined && attempts > 1 && (await holds(transaction, await checkBackup(file)))) return;
    if (found !== undefined) {
      throw new BackupError(
        `${name}: there is something in it already (${found}); a backup is restored into an empty store: name another with --store`,
      );
    }
    const header = await write(transaction, file);
    if (!(await holds(transaction, header)))
      throw new BackupError(`${file}: what was restored is not what it says; nothing was kept; use another backup`);
  });
}

async function firstTableInUse(transaction: Transaction<Schema>): Promise<string | undefined> {
  for (const table of ['audit_events', ...TABLE_NAMES]) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(transaction);
    if (rows.length > 0) return table;
  }
  return undefined;
}

async function holds(
  transaction: Transaction<Schema>,
  { events, head }: Pick<Header, 'events' | 'head'>,
): Promise<boolean> {
  const nothing = (): Promise<never> => Promise.reject(new Error('only to verify'));
  const audit = new KyselyAuditStore(transaction.$pickTables<'audit_events'>(), nothing, async () => undefined);
  const verdict = await audit.verify();
  return verdict.ok && verdict.events === events && verdict.head === head;
}

async function write(transaction: Transaction<Schema>, file: string): Promise<Header> {
  const batch = new Batch(transaction);
  const header = await read(file, (item) => batch.add(item));
  await batch.flush();
  return header;
}

async function read(file: string, take: (item: Exclude<Item, { header: Header }>) => Promise<void>): Promise<Header> {
  let header: Header | undefined;
  for await (const item of readBackup(file)) {
    if ('header' in item) header = item.header;
    else await take(item);
  }
  if (header) return header;
  throw new BackupError(`${file}: it has no header; use another backup`);
}

/** Rows of one table that are written together. */
class Batch {
  readonly #transaction: Transaction<Schema>;
  #events: AuditEvent[] = [];
  #rows: Row[] = [];
  #table: TableName = 'services';

  constructor(transaction: Transaction<Schema>) {
    this.#transaction = transaction;
  }

  async add(item: { event: AuditEvent } | { table: TableName; row: Row }): Promise<void> {
    if ('event' in item) this.#events.push(item.event);
    else {
      if (item.table !== this.#table) await this.flush();
      this.#table = item.table;
      this.#rows.push(item.row);
    }
    if (this.#events.length + this.#rows.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const [events, rows] = [this.#events, this.#rows];
    [this.#events, this.#rows] = [[], []];
    if (events.length > 0) {
      const values = events.map((event) => toRow(event, canonicalJson(event.data)));
      await this.#transaction.insertInto('audit_events').values(values).execute();
    }
    // A column that was not there yet when the backup was made gets what the schema gives it.
    const columns = Object.keys(TABLES[this.#table].columns).filter((column) => Object.hasOwn(rows[0] ?? {}, column));
    if (rows.length === 0) return;
    const lists = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column] ?? null))})`);
    await sql`insert into ${sql.table(this.#table)} (${sql.join(columns.map((column) => sql.ref(column)))})
      values ${sql.join(lists)}`.execute(this.#transaction);
  }
}
