import { type Kysely, sql } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, Migrator } from 'kysely/migration';
import { AuditUnavailableError } from '../audit/store.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Schema } from './schema.ts';

/**
 * Refuses, before anything is written, a file that is not ours to write: another program's, or a newer Supplant's.
 *
 * @returns whether the file has the present schema
 */
export async function inspect(db: Kysely<Schema>, path: string): Promise<boolean> {
  const tables = await sql<{ name: string }>`select name from sqlite_schema where type = 'table'`.execute(db);
  if (tables.rows.length === 0) return false;
  if (!tables.rows.some((table) => table.name === DEFAULT_MIGRATION_TABLE)) {
    throw new AuditUnavailableError(`${path}: it holds another program's data; name another path`);
  }
  const applied = await sql<{ name: string }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db);
  const unknown = applied.rows.map((row) => row.name).filter((name) => !(name in MIGRATIONS));
  if (unknown.length > 0) {
    throw new AuditUnavailableError(
      `${path}: it was written by a newer Supplant (schema step ${unknown.join(', ')}); use that version or a newer one`,
    );
  }
  return applied.rows.length === Object.keys(MIGRATIONS).length;
}

/** Brings the file to the present schema, in one transaction: processes that start together do it once. */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const migrator = new Migrator({ db: transaction, provider: { getMigrations: async () => MIGRATIONS } });
    const { error } = await migrator.migrateToLatest();
    // Thrown on, so that the transaction is rolled back.
    if (error !== undefined) throw error as Error;
  });
}
