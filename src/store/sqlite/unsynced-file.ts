import { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { SharedSqliteDialect } from './dialect.ts';
import { toClearError } from './failures.ts';
import { NodeSqliteDatabase } from './node-sqlite.ts';

/**
 * A second connection to a file that is open, whose commits are not synced: a power cut may take them back, and whatever
 * they were about has ended with it. Made when it is first used.
 */
export class UnsyncedFile {
  readonly #path: string;
  readonly #options: { readOnly: boolean; patienceMs: number };
  #opened: { file: NodeSqliteDatabase; db: Kysely<Schema> } | undefined;

  constructor(path: string, options: { readOnly: boolean; patienceMs: number }) {
    this.#path = path;
    this.#options = options;
  }

  open(): Kysely<Schema> {
    this.#opened ??= this.#connect();
    return this.#opened.db;
  }

  close(): void {
    this.#opened?.file.close();
  }

  #connect(): { file: NodeSqliteDatabase; db: Kysely<Schema> } {
    const { readOnly, patienceMs } = this.#options;
    try {
      const file = new NodeSqliteDatabase(this.#path, readOnly);
      // With a write-ahead log the file is sound after a power cut all the same.
      if (!readOnly) file.prepare('pragma synchronous = normal').run([]);
      return {
        file,
        db: new Kysely<Schema>({ dialect: new SharedSqliteDialect(file, { path: this.#path, patienceMs }) }),
      };
    } catch (error) {
      throw toClearError(this.#path, error);
    }
  }
}
