import type { Kysely } from 'kysely';
import { type SqlFlavor, endTable } from '../sql-flavor.ts';

/** Which changes are stopped now; the audit log has who stopped and lifted what before. */
export async function createChangeStops(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { text } = flavor;
  const table = db.schema
    .createTable('change_stops')
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('actor', text, (column) => column.notNull())
    .addColumn('reason', text, (column) => column.notNull())
    .addColumn('since', text, (column) => column.notNull())
    .addColumn('until', text)
    .addPrimaryKeyConstraint('change_stops_key', ['environment']);
  await endTable(table, flavor).execute();
}
