import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { withClearErrors } from './failures.ts';

/** Node's own SQLite, behind the interface that Kysely's dialect takes, which is better-sqlite3's. */
export class NodeSqliteDatabase implements SqliteDatabase {
  readonly path: string;
  readonly #database: DatabaseSync;
  // The program's statements are few and fixed, so none is ever dropped.
  readonly #statements = new Map<string, SqliteStatement>();

  /** @param timeout how long a statement waits for another process's write, in milliseconds */
  constructor(path: string, options: { readOnly: boolean; timeout: number }) {
    this.path = path;
    this.#database = withClearErrors(path, () => new DatabaseSync(path, options));
  }

  prepare(sql: string): SqliteStatement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = withClearErrors(this.path, () => this.#prepare(sql));
    this.#statements.set(sql, statement);
    return statement;
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): SqliteStatement {
    const path = this.path;
    const statement = this.#database.prepare(sql);
    const bound = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => withClearErrors(path, () => statement.all(...bound(parameters))),
      run: (parameters) => withClearErrors(path, () => statement.run(...bound(parameters))),
      iterate: (parameters) => withClearErrors(path, () => statement.iterate(...bound(parameters))),
    };
  }
}
