import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { createReplacedError } from './failures.ts';

/** Node's own SQLite, behind the interface that Kysely's driver takes, which is better-sqlite3's. */
export class NodeSqliteDatabase implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #file: string;
  // The program's statements are few and fixed, so none is ever dropped.
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(path: string, readOnly: boolean) {
    // No waiting for locks in here, where the whole process would wait: see PatientConnection.
    this.#database = new DatabaseSync(path, { readOnly, timeout: 0 });
    this.#path = path;
    this.#file = fileAt(path);
  }

  /**
   * For one execution: it looks whether the file is still at its path, which takes microseconds.
   *
   * @throws AuditUnavailableError when it is not, and what is written to it would be lost with it
   */
  prepare(sql: string): SqliteStatement {
    if (this.#database.isOpen && fileAt(this.#path) !== this.#file) throw createReplacedError(this.#path);
    const statement = this.#statements.get(sql) ?? this.#prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): SqliteStatement {
    const statement = this.#database.prepare(sql);
    const bound = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...bound(parameters)),
      run: (parameters) => statement.run(...bound(parameters)),
      iterate: (parameters) => statement.iterate(...bound(parameters)),
    };
  }
}

/** Which file a path leads to at the moment. */
function fileAt(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.dev}/${stat.ino}` : 'none';
}
