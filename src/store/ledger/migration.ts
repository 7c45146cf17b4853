import { type Kysely, sql } from 'kysely';
import { type SqlFlavor, endTable } from '../sql-flavor.ts';

/** Which operation holds which stack, and what each stack is made from. */
export async function createLedger(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const operations = db.schema
    .createTable('operations')
    .addColumn('project', text, (column) => column.notNull())
    .addColumn('stack', text, (column) => column.notNull())
    .addColumn('token', wholeNumber, (column) => column.notNull())
    .addColumn('operation', text)
    .addColumn('host', text, (column) => column.notNull())
    .addColumn('machine', text, (column) => column.notNull())
    .addColumn('owner_pid', wholeNumber, (column) => column.notNull())
    .addColumn('owner_started', text, (column) => column.notNull())
    .addColumn('started_at', text, (column) => column.notNull())
    .addColumn('lease_until', wholeNumber, (column) => column.notNull())
    .addColumn('folder', text)
    .addColumn('kept', text)
    .addColumn('abandoned', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('operations_key', ['project', 'stack']);
  await endTable(operations, flavor).execute();
  // Of the stacks that were ever claimed few are at any time.
  await db.schema
    .createIndex('operations_by_host')
    .on('operations')
    .columns(['host'])
    .where(sql.ref('operation'), 'is not', null)
    .execute();
  const commissions = db.schema
    .createTable('commissions')
    .addColumn('project', text, (column) => column.notNull())
    .addColumn('stack', text, (column) => column.notNull())
    .addColumn('input', text, (column) => column.notNull())
    .addColumn('provisioned', wholeNumber, (column) => column.notNull())
    .addColumn('made', text)
    .addColumn('host', text)
    .addColumn('forgotten_at', wholeNumber)
    .addPrimaryKeyConstraint('commissions_key', ['project', 'stack']);
  await endTable(commissions, flavor).execute();
  await db.schema.createIndex('commissions_by_host').on('commissions').columns(['host']).execute();
}
