import type { Kysely } from 'kysely';
import { type SqlFlavor, endTable } from '../sql-flavor.ts';

/** Which hosts there are, when each was seen last, and what its worker has found there last. */
export async function createHosts(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const hosts = db.schema
    .createTable('hosts')
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('version', text, (column) => column.notNull())
    .addColumn('first_seen', wholeNumber, (column) => column.notNull())
    .addColumn('last_seen', wholeNumber, (column) => column.notNull())
    .addColumn('forgotten_at', wholeNumber)
    .addColumn('forgotten_by', text)
    .addColumn('forgotten_reason', text)
    .addPrimaryKeyConstraint('hosts_key', ['id']);
  await endTable(hosts, flavor).execute();
  const inventories = db.schema
    .createTable('host_inventories')
    .addColumn('host', text, (column) => column.notNull())
    .addColumn('content', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('host_inventories_key', ['host']);
  await endTable(inventories, flavor).execute();
}

/** Which copy of a host's data folder each worker works on, and on which machine. */
export async function addFolderCopies(db: Kysely<unknown>, { text }: SqlFlavor): Promise<void> {
  for (const column of ['copy', 'machine']) {
    await db.schema.alterTable('host_workers').addColumn(column, text).execute();
  }
}

/** What the workers of each host are: which pools they serve, and which blueprints they have. */
export async function createHostWorkers(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const workers = db.schema
    .createTable('host_workers')
    .addColumn('host', text, (column) => column.notNull())
    .addColumn('worker', text, (column) => column.notNull())
    .addColumn('pools', text, (column) => column.notNull())
    .addColumn('blueprints', text, (column) => column.notNull())
    .addColumn('last_seen', wholeNumber, (column) => column.notNull())
    .addPrimaryKeyConstraint('host_workers_key', ['host', 'worker']);
  await endTable(workers, flavor).execute();
}
