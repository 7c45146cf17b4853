import type { Kysely } from 'kysely';
import { type SqlFlavor, endTable } from '../sql-flavor.ts';

/** What tells this record from any other. The row is made by whoever first asks for it. */
export async function createInstallation(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const table = db.schema
    .createTable('installation')
    .addColumn('only', wholeNumber, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('installation_key', ['only']);
  await endTable(table, flavor).execute();
}
