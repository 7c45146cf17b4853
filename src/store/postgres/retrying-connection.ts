import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { Pool, PoolClient, QueryResult as Answer } from 'pg';
import { toClearError, isAfterFailure, isLost } from './failures.ts';
import { retryTransient } from './retry-transient.ts';
import { toPostgres } from './text.ts';

/** Which database a connection is to, and how long it waits for one that restarts, in milliseconds. */
export interface RetryLimits {
  name: string;
  patienceMs: number;
}

const COUNTED = ['INSERT', 'UPDATE', 'DELETE'];

/**
 * Outside a transaction every statement takes a connection of its own and is repeated where that is lost: the statements
 * of this program may be. A transaction keeps one connection, and is to be repeated as a whole.
 */
export class RetryingConnection implements DatabaseConnection {
  readonly #pool: Pool;
  readonly #patience: RetryLimits;
  #client: PoolClient | undefined;
  #broken = false;
  #failure: Error | undefined;

  constructor(pool: Pool, patience: RetryLimits) {
    this.#pool = pool;
    this.#patience = patience;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const values = parameters.map((value) => (typeof value === 'string' ? toPostgres(value) : value));
    if (this.#client) return resultOf(await this.#ask(sql, values));
    return retryTransient(this.#patience.patienceMs, async () => {
      await this.#take();
      try {
        return resultOf<Row>(await this.#ask(sql, values));
      } finally {
        this.release();
      }
    });
  }

  // eslint-disable-next-line require-yield -- Nothing of this program streams.
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('reading row by row is not made for Postgres; read a page at a time');
  }

  async begin(statements: string): Promise<void> {
    await this.#take();
    await this.#ask(statements);
  }

  async commit(): Promise<void> {
    const { command } = await this.#ask('commit');
    // What had failed before is rolled back, and said to be done all the same.
    if (command !== 'COMMIT') throw new Error(`the transaction was not committed, but ended with ${command}`);
  }

  /** What led to it must not be covered up: where it fails, the connection is given up, which rolls back as well. */
  async rollback(): Promise<void> {
    await this.#ask('rollback').catch(() => (this.#broken = true));
  }

  release(): void {
    this.#client?.release(this.#broken);
    this.#client = undefined;
    this.#broken = false;
    this.#failure = undefined;
  }

  async #take(): Promise<void> {
    try {
      this.#client = await this.#pool.connect();
    } catch (error) {
      throw toClearError(this.#patience.name, error);
    }
  }

  async #ask(sql: string, values?: unknown[]): Promise<Answer> {
    if (!this.#client) throw new Error('there is no connection to ask on');
    try {
      return await this.#client.query(sql, values);
    } catch (error) {
      this.#broken ||= isLost(error);
      // Kysely's migrator goes on after a failure, and then hears no more than that its transaction has failed.
      if (this.#failure && isAfterFailure(error)) throw this.#failure;
      this.#failure = toClearError(this.#patience.name, error);
      throw this.#failure;
    }
  }
}

function resultOf<Row>({ command, rowCount, rows }: Answer): QueryResult<Row> {
  return {
    rows: rows as Row[],
    ...(COUNTED.includes(command) ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}),
  };
}
