import { setTimeout as pause } from 'node:timers/promises';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { toClearError, isBusy } from './failures.ts';

/** Which file a connection is to, and how long it waits for other processes' writes, in milliseconds. */
export interface RetryLimits {
  path: string;
  patienceMs: number;
}

/**
 * Waits while another process writes, and puts failures into words. SQLite's own waiting stops the whole process and
 * looks again ever more rarely, up to every 100 ms: beside a busy writer an append was seen to take most of a second.
 */
export class RetryingConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection;
  readonly #patience: RetryLimits;

  constructor(connection: DatabaseConnection, patience: RetryLimits) {
    this.#connection = connection;
    this.#patience = patience;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { path, patienceMs } = this.#patience;
    const deadline = performance.now() + patienceMs;
    for (;;) {
      try {
        return await this.#connection.executeQuery<Row>(query);
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline) throw toClearError(path, error);
        // Two that wait must not keep step.
        await pause(1 + Math.random() * 2);
      }
    }
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.#connection.streamQuery<Row>(query, chunkSize);
  }
}
