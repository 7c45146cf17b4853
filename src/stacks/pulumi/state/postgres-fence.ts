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
 * What makes the state refuse an engine that has lost its stack. An engine says with each connection which number it writes
 * under. Who takes a stack over notes its own, higher number, and waits there for writes that were let through before: each
 * holds the stack's lock, shared, until it is committed. What says no number is let through: a person's own `pulumi` is kept away
 * by the engine's lock, and what Supplant writes beside the engine is under the stack's claim.
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
        writer bigint := substring(current_setting('application_name') from '${WRITER}')::bigint;
        named text[];
        fence bigint;
      begin
        if writer is not null then
          named := regexp_match(coalesce(new.key, old.key),
            '\\.pulumi/(stacks|history|backups|locks/organization)/([^/]+)/([^/.]+)[./]');
        end if;
        if named is not null and not (tg_op = 'DELETE' and named[1] like 'locks/%') then
          perform pg_advisory_xact_lock_shared(${formatStackLock('named[2]', 'named[3]')});
          if current_setting('transaction_isolation') <> 'read committed' then
            raise exception 'Supplant: an engine has to write at the isolation level read committed, not %',
              current_setting('transaction_isolation');
          end if;
          select token into fence from ${SCHEMA}.fences where project = named[2] and stack = named[3];
          if fence > writer then
            raise exception 'Supplant: % was taken over by another worker while this engine stood still; nothing that it '
              'does is recorded any more (it writes under %, the stack is held under %)', named[3], writer, fence;
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
