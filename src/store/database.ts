import type { Kysely, RawBuilder, Transaction } from 'kysely';
import type { Schema } from './schema.ts';

/** Where audit log and catalogue are kept: a SQLite file or a schema in Postgres. */
export interface Database {
  /** What to call it in a message; never holds a password. */
  readonly name: string;
  readonly db: Kysely<Schema>;
  /** The time as it has it, in whole milliseconds since 1970: the clocks of machines differ. */
  readonly clockMs: RawBuilder<number>;
  /**
   * The same tables, for what needs not outlive a power cut of this machine: in a file it is not synced. A database that
   * several machines use has to keep it all the same.
   */
  readonly unsynced: Kysely<Schema>;
  /**
   * Carries out `work` in one transaction that excludes every other writer, in whatever process, from its first statement
   * on. It is carried out again when the connection was lost, even if only the answer to its commit was: what it writes
   * must be the same a second time.
   */
  exclusively<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** For those who only look: creates nothing, changes nothing, and every write fails. */
  readOnly?: boolean;
  /** For those who write to what others have prepared: creates nothing and changes no schema. */
  isPrepared?: boolean;
  /**
   * How long a statement waits for other writers' locks, or for a database that restarts, before it fails, in
   * milliseconds. {@link DEFAULT_PATIENCE_MS} unless told.
   */
  patienceMs?: number;
}

/** Less than the five seconds that a step in place has: so it fails with what is wrong, not for want of time. */
export const DEFAULT_PATIENCE_MS = 4000;
