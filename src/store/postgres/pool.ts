import { type ClientBase, Pool, types } from 'pg';
import { fromPostgres } from './text.ts';
import { SCHEMA } from './schema-name.ts';

export interface PoolOptions {
  url: string;
  readOnly: boolean;
  patienceMs: number;
}

/** Appends wait for each other anyway; the rest of them are for those who read. */
const CONNECTIONS = 4;

/** How long a session may hold a transaction without going on with it: one that was stopped must not stop all others. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** How much longer than for a lock a statement may take: ours take milliseconds. */
const STATEMENT_MS = 1000;

/** Connections to the database, few of them, each set up before its first use. */
export function openPool({ url, readOnly, patienceMs }: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: 'supplant',
    max: CONNECTIONS,
    connectionTimeoutMillis: patienceMs,
    // For what the server does not end itself, because it is gone.
    query_timeout: patienceMs + STATEMENT_MS,
    keepAlive: true,
    types: { getTypeParser },
    // What it returns is awaited, though its type does not say so.
    onConnect: (client) => setUp(client, { readOnly, patienceMs }) as unknown as undefined,
  });
  // A connection that is lost while nobody uses it is replaced by the next use; unheard, it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * Whatever the server, the database or the role have for a default. `synchronous_commit = on`: a commit that is reported
 * as done survives a power cut, and is seen by nobody before that (invariant 5).
 */
async function setUp(client: ClientBase, { readOnly, patienceMs }: Omit<PoolOptions, 'url'>): Promise<void> {
  await client.query(
    [
      `set search_path = ${SCHEMA}`,
      'set synchronous_commit = on',
      `set lock_timeout = ${patienceMs}`,
      `set statement_timeout = ${patienceMs + STATEMENT_MS}`,
      `set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
      ...(readOnly ? ['set default_transaction_read_only = on'] : []),
    ].join(';'),
  );
}

/** A number JavaScript cannot count to is refused rather than rounded. */
export class UncountableError extends Error {
  override readonly name = 'UncountableError';
}

/** Everything is asked for as text. */
function getTypeParser(oid: Parameters<typeof types.getTypeParser>[0]): (text: string) => unknown {
  if (oid === types.builtins.INT8) return wholeNumber;
  if (oid === types.builtins.TEXT) return fromPostgres;
  return types.getTypeParser(oid, 'text') as (text: string) => unknown;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new UncountableError(`${text} is beyond what can be counted to`);
}
