import { type Kysely, sql } from 'kysely';
import type { SqlFlavor } from '../sql-flavor.ts';

export const SQLITE_FLAVOR: SqlFlavor = {
  wholeNumber: 'integer',
  text: 'text',
  clockMs: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  tableEnd: sql`strict`,
  forbidAllButAppending,
};

/** Against slips, not against ill will: anyone who can drop a trigger is told on by the chain. */
async function forbidAllButAppending(db: Kysely<unknown>): Promise<void> {
  await sql`create trigger audit_events_no_update before update on audit_events
    begin select raise(abort, 'the audit log is append-only'); end`.execute(db);
  await sql`create trigger audit_events_no_delete before delete on audit_events
    begin select raise(abort, 'the audit log is append-only'); end`.execute(db);
  await sql`create trigger audit_events_in_order before insert on audit_events
    when new.seq is not (select coalesce(max(seq), 0) + 1 from audit_events)
    begin select raise(abort, 'the audit log is appended to at its end'); end`.execute(db);
}
