import type { Kysely } from 'kysely';
import { type SqlFlavor, endTable } from '../sql-flavor.ts';

/** Stacks without an owner as they were found, the last look, and what was asked of the reaper. */
export async function createReaper(db: Kysely<unknown>, flavor: SqlFlavor): Promise<void> {
  const { wholeNumber, text } = flavor;
  const notes = db.schema
    .createTable('reaper_notes')
    .addColumn('project', text, (column) => column.notNull())
    .addColumn('stack', text, (column) => column.notNull())
    .addColumn('content', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('reaper_notes_key', ['project', 'stack']);
  await endTable(notes, flavor).execute();
  const looks = db.schema
    .createTable('reaper_looks')
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('content', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('reaper_looks_key', ['id']);
  await endTable(looks, flavor).execute();
  const requests = db.schema
    .createTable('reaper_requests')
    .addColumn('request_id', text, (column) => column.notNull())
    .addColumn('fingerprint', text, (column) => column.notNull())
    .addColumn('skip_grace', wholeNumber, (column) => column.notNull())
    .addColumn('at', text, (column) => column.notNull())
    .addColumn('taken_at', text)
    .addPrimaryKeyConstraint('reaper_requests_key', ['request_id']);
  await endTable(requests, flavor).execute();
}
