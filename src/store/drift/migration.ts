import type { Kysely } from 'kysely';
import { type SqlFlavor, endTable } from '../sql-flavor.ts';

/** What was found of each stack that is up, and what somebody has said of it. */
export async function createDrift(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const records = db.schema
    .createTable('drift_records')
    .addColumn('service', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('revision', wholeNumber, (column) => column.notNull())
    .addColumn('version', wholeNumber, (column) => column.notNull())
    .addColumn('content', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('drift_records_key', ['service', 'environment', 'revision']);
  await endTable(records, flavor).execute();
}
