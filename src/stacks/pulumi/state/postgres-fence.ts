import { STATE_SCHEMA as SCHEMA, WRITER } from './postgres-url.ts';

/** By which the locks of stacks here are told from other advisory locks in the database. */
const LOCKS = 6_019_375_528_114_702_463n;

const TRIGGER = 'refuse_fenced_writes';

/** The lock that who writes a stack's objects shares, and who fences the stack has alone. */
function formatStackLock(project: string, stack: string): string {
  return `hashtextextended(${project} || '/' || ${stack}, ${LOCKS})`;
}

/** Whether the fence stands: a row where it does. @param table the engine's */
export function findFence(table: string): string {
  return `select 1 from pg_catalog.pg_trigger
    where tgname = '${TRIGGER}' and tgrelid = to_regclass('${SCHEMA}.${table}') and tgenabled <> 'D'`;
}

/**
 * What makes the state refuse who has lost a stack. An engine says with each connection which number it writes under, a worker
 * with each transaction. Who takes a stack over notes its own, higher number, and waits there for writes that were let through
 * before: each holds the stack's lock, shared, until it is committed. Who says no number is let through: a person's own `pulumi`
 * is kept away by the engine's lock.
 *
 * An engine may remove its own lock, whose name nobody else has: kept, it would only be in the way.
 * @param table the engine's
 */
export function makeFence(table: string): string {
  return `
    create table if not exists ${SCHEMA}.fences (
      project text not null, stack text not null, token bigint not null, primary key (project, stack)
    );
    create or replace function ${SCHEMA}.${TRIGGER}() returns trigger language plpgsql as $body$
      declare
        writer text[] := regexp_match(current_setting('application_name'), '${WRITER}');
        object text[];
        fence bigint;
      begin
        if writer is not null then
          object := regexp_match(coalesce(new.key, old.key),
            '\\.pulumi/(stacks|history|backups|locks/organization)/([^/]+)/([^/.]+)[./]');
        end if;
        if object is not null and not (tg_op = 'DELETE' and object[1] like 'locks/%' and writer[1] = 'engine') then
          perform pg_advisory_xact_lock_shared(${formatStackLock('object[2]', 'object[3]')});
          if current_setting('transaction_isolation') <> 'read committed' then
            raise exception 'Supplant: an engine has to write at the isolation level read committed, not %',
              current_setting('transaction_isolation');
          end if;
          select token into fence from ${SCHEMA}.fences where project = object[2] and stack = object[3];
          if fence > writer[2]::bigint then
            raise exception 'Supplant: % was taken over by another worker while this one stood still; nothing that it does is '
              'recorded any more (it writes under %, the stack is held under %)', object[3], writer[2], fence;
          end if;
        end if;
        if tg_op = 'DELETE' then return old; end if;
        return new;
      end
    $body$;
    if not exists (${findFence(table)}) then
      create trigger ${TRIGGER} before insert or update or delete on ${SCHEMA}.${table}
        for each row execute function ${SCHEMA}.${TRIGGER}();
    end if;`;
}

/** Notes what a stack is held under from here on, by its project, its name and that number; gives back the highest ever noted. */
export const RAISE_FENCE = `
  with alone as materialized (select pg_advisory_xact_lock(${formatStackLock('$1::text', '$2::text')}))
  insert into ${SCHEMA}.fences (project, stack, token) select $1, $2, $3::bigint from alone
  on conflict (project, stack) do update set token = greatest(fences.token, excluded.token)
  returning token`;
