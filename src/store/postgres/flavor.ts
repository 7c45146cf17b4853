import { type Kysely, sql } from 'kysely';
import type { SqlFlavor } from '../sql-flavor.ts';
import { SCHEMA } from './schema-name.ts';

export const POSTGRES_FLAVOR: SqlFlavor = {
  wholeNumber: 'bigint',
  text: sql`text collate "C"`,
  clockMs: sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
  forbidAllButAppending,
};

/** Against slips, not against ill will: anyone who can drop a trigger is told on by the chain. */
async function forbidAllButAppending(db: Kysely<unknown>): Promise<void> {
  const schema = sql.id(SCHEMA);
  await sql`create function ${schema}.audit_events_refuse() returns trigger language plpgsql as
    $$ begin raise 'the audit log is append-only'; end $$`.execute(db);
  await sql`create trigger audit_events_no_change before update or delete on ${schema}.audit_events
    for each row execute function ${schema}.audit_events_refuse()`.execute(db);
  await sql`create trigger audit_events_no_truncate before truncate on ${schema}.audit_events
    execute function ${schema}.audit_events_refuse()`.execute(db);
  await sql`create function ${schema}.audit_events_at_end() returns trigger language plpgsql as
    $$ begin
      if new.seq is distinct from (select coalesce(max(seq), 0) + 1 from ${schema}.audit_events) then
        raise 'the audit log is appended to at its end';
      end if;
      return new;
    end $$`.execute(db);
  await sql`create trigger audit_events_in_order before insert on ${schema}.audit_events
    for each row execute function ${schema}.audit_events_at_end()`.execute(db);
}
