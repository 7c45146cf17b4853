import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type QueryResultRow } from 'pg';
import { redactPostgresUrl } from '../../../host/postgres-url.ts';
import { formatStackId } from '../../../domain/reaper/facts.ts';
import type { StackId } from '../../blueprint.ts';
import { EngineError } from '../../driver.ts';
import { type CloudKey, type StackState, readCheckpoint, withoutPending, writeEmptyCheckpoint } from './checkpoint.ts';
import type { SecretProof } from './secret-proof.ts';
import { RAISE_FENCE, findFence, makeFence } from './postgres-fence.ts';
import { STATE_SCHEMA as SCHEMA, nameWriter, readKeyPrefix } from './postgres-url.ts';
import type { EngineLock, StateStore } from './state-store.ts';

/** As the engine's backend calls it where it is not told otherwise. */
const TABLE = 'pulumi_state';

/** Stacks by project. An engine that finds stacks and no such record takes the layout for an older one. */
const LAYOUT = 'version: 1\n';

/** Any number, the same in every Supplant: who holds it may make tables. */
const MAKERS = 7_512_861_341_004_194n;

const WHO_MAY =
  'its tables, and the trigger without which an engine that has lost its stack could go on writing, have to be made once: start ' +
  `one worker as the owner of the schema ${SCHEMA}, or of the database`;

const CONNECTIONS = 2;
const CONNECT_MS = 5_000;
/** How long one that restarts is waited for. */
const PATIENCE_MS = 10_000;
/** Far longer than any of these statements takes. */
const ANSWER_MS = 15_000;

/**
 * The engine's Postgres backend: a bucket of objects by their keys, each JSON with its content in base64. Its layout is that
 * of Pulumi 3.230 (`pkg/backend/diy/postgres`).
 */
export class PostgresStateStore implements StateStore, SecretProof {
  readonly #pool: Pool;
  readonly #name: string;
  /** Before every key. */
  readonly #root: string;
  readonly #key: CloudKey | undefined;
  /** What this process holds stacks under, as far as it has fenced them. */
  readonly #tokens = new Map<string, number>();
  /** None before it was there once: a place that is wrong is told at once. */
  #patienceMs = 0;

  private constructor(pool: Pool, url: string, key: CloudKey | undefined) {
    this.#pool = pool;
    this.#key = key;
    this.#name = redactPostgresUrl(url) ?? 'postgres://…';
    this.#root = readKeyPrefix(url);
  }

  /**
   * Opens the state in the database at `url`, and makes what it takes where that is missing: the engine makes its table, but
   * not a schema.
   * @param key what encrypts the secrets of stacks that are made from here on; a passphrase unless told
   * @throws EngineError fit to show when there is no such database, or it must not be written to
   */
  static async open(url: string, key?: CloudKey): Promise<PostgresStateStore> {
    const pool = new Pool({
      connectionString: url,
      application_name: 'supplant state',
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      // What it returns is awaited, though its type does not say so.
      onConnect: (client) =>
        client.query(`set search_path = ${SCHEMA}; set synchronous_commit = on`) as unknown as undefined,
    });
    // A connection that is lost while nobody uses it is replaced by the next use; unheard, it would end the process.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    const store = new PostgresStateStore(pool, url, key);
    try {
      await store.#prepare();
      store.#patienceMs = PATIENCE_MS;
      return store;
    } catch (error) {
      await pool.end();
      const { message } = error as Error;
      throw /permission denied|must be owner/.test(message) ? new EngineError(`${message}; ${WHO_MAY}`) : error;
    }
  }

  /** The fence is made last: where it is, everything is. */
  async #prepare(): Promise<void> {
    const [found] = await this.#query(findFence(TABLE));
    if (found) return;
    await this.#makeAlone(`
      create schema if not exists ${SCHEMA};
      create table if not exists ${SCHEMA}.${TABLE} (
        key text primary key, data json not null, updated_at timestamp with time zone not null default now()
      );
      create index if not exists ${TABLE}_key_prefix_idx on ${SCHEMA}.${TABLE} (key text_pattern_ops);`);
    await this.#query(`insert into ${TABLE} (key, data) values ($1, $2) on conflict (key) do nothing`, [
      `${this.#root}meta.yaml`,
      encode(LAYOUT),
    ]);
    await this.#makeAlone(`
      create table if not exists ${SCHEMA}.secret_proof (
        id integer primary key default 1 check (id = 1), proof text not null
      );`);
    await this.#makeAlone(makeFence(TABLE));
  }

  /** One worker of several: `if not exists` alone may collide. A block is one transaction. */
  async #makeAlone(statements: string): Promise<void> {
    await this.#query(`do $$ begin perform pg_advisory_xact_lock(${MAKERS}); ${statements} end $$`);
  }

  async read(id: StackId): Promise<StackState | undefined> {
    const text = await this.#readObject(this.#checkpointOf(id));
    return text === undefined ? undefined : readCheckpoint(text, this.#placeOf(id));
  }

  async initialise(id: StackId): Promise<void> {
    const content = encode(writeEmptyCheckpoint(id, this.#key));
    await this.#write(id, `insert into ${TABLE} (key, data) values ($1, $2) on conflict (key) do nothing`, [
      this.#checkpointOf(id),
      content,
    ]);
  }

  async list(): Promise<StackId[]> {
    const folder = `${this.#root}stacks/`;
    const rows = await this.#query<{ key: string }>(
      `select key from ${TABLE} where starts_with(key, $1) order by key`,
      [folder],
    );
    return rows.flatMap(({ key }) => {
      const [, project, stack] = /^([^/]+)\/([^/]+)\.json$/.exec(key.slice(folder.length)) ?? [];
      return project === undefined || stack === undefined ? [] : [{ project, stack }];
    });
  }

  async forget(id: StackId): Promise<void> {
    const { project, stack } = id;
    const prefixes = [
      `${this.#root}stacks/${project}/${stack}.`,
      ...['history', 'backups', 'locks/organization'].map((kind) => `${this.#root}${kind}/${project}/${stack}/`),
    ];
    await this.#write(
      id,
      `delete from ${TABLE} where exists (select from unnest($1::text[]) as prefix where starts_with(key, prefix))`,
      [prefixes],
    );
    this.#tokens.delete(formatStackId(id));
  }

  async removeLocks(id: StackId, isStale: (lock: EngineLock) => boolean): Promise<EngineLock[]> {
    const rows = await this.#query<{ key: string; content: string }>(
      `select key, data->>'data' as content from ${TABLE} where starts_with(key, $1) order by key`,
      [`${this.#root}locks/organization/${id.project}/${id.stack}/`],
    );
    const locks = rows.map(({ key, content }) => ({
      ...(JSON.parse(decode(content)) as Omit<EngineLock, 'path'>),
      path: key,
    }));
    const stale = locks.filter(isStale).map(({ path }) => path);
    if (stale.length > 0) await this.#write(id, `delete from ${TABLE} where key = any($1)`, [stale]);
    return locks.filter(({ path }) => !stale.includes(path));
  }

  async clearPending(id: StackId): Promise<void> {
    const checkpoint = this.#checkpointOf(id);
    const text = await this.#readObject(checkpoint);
    if (text === undefined) throw new EngineError(`the state of ${id.stack} is gone`);
    const content = encode(withoutPending(text, this.#placeOf(id)));
    await this.#write(id, `update ${TABLE} set data = $2, updated_at = now() where key = $1`, [checkpoint, content]);
  }

  async fence(id: StackId, token: number): Promise<void> {
    const { project, stack } = id;
    const [row] = await this.#query<{ token: string }>(RAISE_FENCE, [project, stack, token]);
    if (row === undefined || Number(row.token) <= token) return void this.#tokens.set(formatStackId(id), token);
    throw new EngineError(
      `${stack} is held under ${row.token} already in the state at ${this.#name}, and was to be held under ${token}: workers that ` +
        'share a state have to share the store, whose clock must not be set back; once that is so, end all workers and empty ' +
        `${SCHEMA}.fences`,
    );
  }

  async readProof(): Promise<string | undefined> {
    const [row] = await this.#query<{ proof: string }>('select proof from secret_proof');
    return row?.proof;
  }

  async addProof(proof: string): Promise<string> {
    await this.#query('insert into secret_proof (proof) values ($1) on conflict do nothing', [proof]);
    return (await this.readProof()) ?? proof;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #readObject(key: string): Promise<string | undefined> {
    const [row] = await this.#query<{ content: string }>(
      `select data->>'data' as content from ${TABLE} where key = $1`,
      [key],
    );
    return row && decode(row.content);
  }

  /** What changes a stack, under the number that this process holds it under. */
  async #write(id: StackId, text: string, values: unknown[]): Promise<void> {
    await this.#query(text, values, this.#tokens.get(formatStackId(id)));
  }

  /** Each may be carried out twice: the answer to the first time may have been lost. */
  async #query<Row extends QueryResultRow>(text: string, values: unknown[] = [], token?: number): Promise<Row[]> {
    const end = performance.now() + this.#patienceMs;
    for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
      try {
        const { rows } = await (token === undefined
          ? this.#pool.query<Row>(text, values)
          : this.#queryUnder<Row>(token, text, values));
        return rows;
      } catch (error) {
        if (passes(error) && performance.now() + pause < end) await sleep(pause);
        else throw new EngineError(`the state at ${this.#name} cannot be used: ${reasonOf(error)}`);
      }
    }
  }

  async #queryUnder<Row extends QueryResultRow>(token: number, text: string, values: unknown[]) {
    const client = await this.#pool.connect();
    try {
      await client.query(
        `begin isolation level read committed; set local application_name = '${nameWriter('worker', token)}'`,
      );
      const result = await client.query<Row>(text, values);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      // Ended: with it goes what was begun.
      client.release(true);
      throw error;
    }
  }

  #checkpointOf({ project, stack }: StackId): string {
    return `${this.#root}stacks/${project}/${stack}.json`;
  }

  #placeOf({ project, stack }: StackId): string {
    return `of ${project}/${stack} at ${this.#name}`;
  }
}

/** While Postgres restarts, or is replaced. */
const PASSING = new Set(
  'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH 08000 08003 08006 25P03 53300 57P01 57P02 57P03'.split(' '),
);

function passes(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return PASSING.has(code) || /^Connection terminated|not queryable|timeout/.test(reasonOf(error));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function encode(content: string): string {
  return JSON.stringify({ data: Buffer.from(content).toString('base64') });
}

function decode(content: string): string {
  return Buffer.from(content, 'base64').toString('utf8');
}
