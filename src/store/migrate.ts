import { sql, type Transaction } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, Migrator } from 'kysely/migration';
import { AuditUnavailableError } from './audit/store.ts';
import type { Database } from './database.ts';
import { createMigrations, STEP_NAMES } from './migrations.ts';
import type { Schema } from './schema.ts';
import type { SqlFlavor } from './sql-flavor.ts';

/** What a database is told apart by, before anything is written to it. */
export interface Surroundings {
  /** Every table where ours would be. */
  tables: readonly string[];
  /** What to do where they are another program's: `name another path`. */
  elsewhere: string;
}

/**
 * Refuses, before anything is written, what is not ours to write: another program's tables, or a newer Supplant's.
 *
 * @returns whether it has the present schema
 */
export async function inspectSchema(
  { db, name }: Pick<Database, 'db' | 'name'>,
  { tables, elsewhere }: Surroundings,
): Promise<boolean> {
  if (tables.length === 0) return false;
  if (!tables.includes(DEFAULT_MIGRATION_TABLE)) {
    throw new AuditUnavailableError(`${name}: it holds another program's data; ${elsewhere}`);
  }
  const applied = await sql<{ name: string }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db);
  const unknown = applied.rows.map((row) => row.name).filter((step) => !STEP_NAMES.includes(step));
  if (unknown.length > 0) {
    throw new AuditUnavailableError(
      `${name}: it was written by a newer Supplant (schema step ${unknown.join(', ')}); use that version or a newer one`,
    );
  }
  return applied.rows.length === STEP_NAMES.length;
}

/**
 * Brings a database to the present schema. To be called in a transaction that excludes others, so that processes which
 * start together do it once.
 *
 * @param schema where tables live in schemas
 */
export async function migrateSchema(
  transaction: Transaction<Schema>,
  flavor: SqlFlavor,
  schema?: string,
): Promise<void> {
  const migrator = new Migrator({
    db: transaction,
    provider: { getMigrations: async () => createMigrations(flavor) },
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  });
  const { error } = await migrator.migrateToLatest();
  // Thrown on, so that the transaction is rolled back.
  if (error !== undefined) throw error as Error;
}

/** For those who only look, and cannot bring it to the present schema. */
export function createNothingRecordedError(name: string): AuditUnavailableError {
  return new AuditUnavailableError(
    `${name}: nothing has been recorded there by this version; a worker that is started with this store prepares it`,
  );
}
