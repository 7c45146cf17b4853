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
} from 'kysely';
import { type Patience, PatientConnection } from './patient-connection.ts';

/**
 * Kysely's SQLite dialect for a file that several processes write to. A transaction takes the write lock as it begins:
 * one that began by reading could find, when it comes to write, that what it read is out of date.
 */
export class SharedSqliteDialect implements Dialect {
  readonly #database: SqliteDatabase;
  readonly #patience: Patience;

  constructor(database: SqliteDatabase, patience: Patience) {
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
  readonly #patience: Patience;
  #connection: DatabaseConnection | undefined;

  constructor(database: SqliteDatabase, patience: Patience) {
    super({ database });
    this.#patience = patience;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= new PatientConnection(await super.acquireConnection(), this.#patience);
    return this.#connection;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** SQLite can create tables within a transaction; Kysely's adapter does not say so. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): true {
    return true;
  }
}
