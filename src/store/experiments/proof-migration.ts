import type { Kysely } from 'kysely';
import { type SqlFlavor, endTable } from '../sql-flavor.ts';

/** What drills have found out about rollbacks: of each pair of releases, the latest. */
export async function createRollbackProofs(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { text } = flavor;
  const proofs = db.schema
    .createTable('rollback_proofs')
    .addColumn('service', text, (column) => column.notNull())
    .addColumn('environment', text, (column) => column.notNull())
    .addColumn('from_release', text, (column) => column.notNull())
    .addColumn('to_release', text, (column) => column.notNull())
    .addColumn('at', text, (column) => column.notNull())
    .addColumn('content', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('rollback_proofs_key', ['service', 'environment', 'from_release', 'to_release']);
  await endTable(proofs, flavor).execute();
}
