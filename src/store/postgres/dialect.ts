import {
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
  type TransactionSettings,
} from 'kysely';
import type { Pool } from 'pg';
import { RetryingConnection, type RetryLimits } from './retrying-connection.ts';

/** Any number, the same in every Supplant: who holds it may write. */
const WRITERS = 7_512_861_341_004_193n;

/**
 * Kysely's Postgres dialect for a database that may restart under it, and that several processes append to. A
 * transaction has the one lock of all writers before it reads: one that began by reading could find, when it comes to
 * write, that what it read is out of date.
 */
export class SharedPostgresDialect implements Dialect {
  readonly #pool: Pool;
  readonly #patience: RetryLimits;

  constructor(pool: Pool, patience: RetryLimits) {
    this.#pool = pool;
    this.#patience = patience;
  }

  createDriver(): Driver {
    return new PatientDriver(this.#pool, this.#patience);
  }

  createAdapter(): DialectAdapter {
    return new LockedAdapter();
  }

  createQueryCompiler(): QueryCompiler {
    return new PostgresQueryCompiler();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new PostgresIntrospector(db);
  }
}

class PatientDriver implements Driver {
  readonly #pool: Pool;
  readonly #patience: RetryLimits;

  constructor(pool: Pool, patience: RetryLimits) {
    this.#pool = pool;
    this.#patience = patience;
  }

  async init(): Promise<void> {
    // Connections are made when they are needed.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new RetryingConnection(this.#pool, this.#patience);
  }

  /**
   * The isolation is said because it decides: each statement must see what was committed before the lock was had, where
   * a stricter default would see what was there before it waited.
   */
  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return own(connection).begin(
      settings.accessMode === 'read only'
        ? 'begin isolation level repeatable read read only'
        : `begin isolation level read committed; set local synchronous_commit = on; select pg_advisory_xact_lock(${WRITERS})`,
    );
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return own(connection).commit();
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return own(connection).rollback();
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    own(connection).release();
  }

  async destroy(): Promise<void> {
    // Its maker ends the pool.
  }
}

function own(connection: DatabaseConnection): RetryingConnection {
  if (connection instanceof RetryingConnection) return connection;
  throw new TypeError('this connection is not one of ours');
}

/** Migrations run in a transaction that excludes others already. */
class LockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {
    // Held.
  }

  override async releaseMigrationLock(): Promise<void> {
    // Ends with the transaction.
  }
}
