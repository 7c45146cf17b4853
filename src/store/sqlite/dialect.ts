import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely';
import { type RetryLimits, RetryingConnection } from './retrying-connection.ts';

/**
 * Kysely's SQLite dialect for a file that several processes write to. A transaction takes the write lock as it begins:
 * one that began by reading could find, when it comes to write, that what it read is out of date.
 */
export class SharedSqliteDialect implements Dialect {
  readonly #database: SqliteDatabase;
  readonly #patience: RetryLimits;

  constructor(database: SqliteDatabase, patience: RetryLimits) {
    this.#database = database;
    this.#patience = patience;
  }

  createDriver(): Driver {
    return new ImmediateDriver(this.#database, this.#patience);
  }

  createAdapter(): DialectAdapter {
    return new TransactionalDdlAdapter();
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #patience: RetryLimits;
  #connection: DatabaseConnection | undefined;

  constructor(database: SqliteDatabase, patience: RetryLimits) {
    super({ database });
    this.#patience = patience;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= new RetryingConnection(await super.acquireConnection(), this.#patience);
    return this.#connection;
  }

  /** A transaction that only reads takes no lock: it sees all as it was at its first statement, and holds nobody up. */
  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    const begin = settings?.accessMode === 'read only' ? 'begin' : 'begin immediate';
    await connection.executeQuery(CompiledQuery.raw(begin));
  }

  /** Where the disk is full or fails, SQLite has rolled back by itself, and what was wrong must not be covered up. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection).catch(() => undefined);
  }
}

/** SQLite can create tables within a transaction; Kysely's adapter does not say so. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): true {
    return true;
  }
}
