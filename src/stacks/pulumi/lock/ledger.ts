import { DatabaseSync } from 'node:sqlite';
import type { StackId } from '../../blueprint.ts';
import { isAlive, type ProcessIdentity } from '../../../host/process-identity.ts';
import type { OperationSpec } from '../operation/operation-folder.ts';
import type { StackInput } from '../../driver.ts';
import { computeInputDigest } from '../operation/input-digest.ts';
import type { Outcome } from '../operation/outcome.ts';

/** An operation on a stack that is under way, or was when its worker died. */
export interface Claim {
  id: StackId;
  operation: string;
  owner: ProcessIdentity;
  startedAt: string;
  /** Where an engine works on it, from before there is a folder until after it was removed. */
  folder?: string;
  /** What came of it, where the folder was removed before anybody asked. */
  kept?: KeptOutcome;
}

/** Enough to answer who asks for the same operation again. */
export interface KeptOutcome {
  spec: OperationSpec;
  outcome: Outcome;
}

/** What was asked of a stack first, and whether it has been delivered: a stack is made from one input only. */
export interface Commission {
  input: string;
  provisioned: boolean;
}

const OWNED = 'project = ? AND stack = ? AND owner_pid = ? AND owner_started = ?';

function owned({ project, stack }: StackId, { pid, started }: ProcessIdentity): [string, string, number, string] {
  return [project, stack, pid, started];
}

type Row = Record<string, string | number | null>;

/**
 * Which operation holds which stack, on disk and exclusively across all workers of a data folder. A claim whose owner
 * is proven dead passes to whoever asks next, together with where its engine worked.
 */
export class Ledger {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    this.#db = new DatabaseSync(path, { timeout: 5_000 });
    this.#db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS operations (
        project TEXT NOT NULL, stack TEXT NOT NULL, operation TEXT NOT NULL, started_at TEXT NOT NULL,
        owner_pid INTEGER NOT NULL, owner_started TEXT NOT NULL,
        folder TEXT, kept TEXT,
        PRIMARY KEY (project, stack)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS commissions (
        project TEXT NOT NULL, stack TEXT NOT NULL, input TEXT NOT NULL, provisioned INTEGER NOT NULL DEFAULT 0,
        made TEXT,
        PRIMARY KEY (project, stack)
      ) STRICT;`);
    this.#addMade();
  }

  /**
   * Takes the stack for `owner`.
   * @param holds whether the owner's operation on the stack, if there is one on record, really goes on: its end may not
   *   have been noted, on a full disk for instance
   * @returns `busy`, the claim of a living owner; else `left`, that of a dead one, where there was any
   */
  claim(id: StackId, operation: string, owner: ProcessIdentity, holds: boolean): { busy?: Claim; left?: Claim } {
    return this.#atomically(() => {
      const present = this.#find(id);
      if (present && (isSame(present.owner, owner) ? holds : isAlive(present.owner))) return { busy: present };
      this.#db
        .prepare(
          `INSERT INTO operations (project, stack, operation, started_at, owner_pid, owner_started) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET operation = excluded.operation, started_at = excluded.started_at,
             owner_pid = excluded.owner_pid, owner_started = excluded.owner_started`,
        )
        .run(id.project, id.stack, operation, new Date().toISOString(), owner.pid, owner.started);
      return present ? { left: present } : {};
    });
  }

  /** Notes where an engine is about to work on a claimed stack; undefined once nothing is there. */
  noteFolder(id: StackId, folder: string | undefined): void {
    this.#db
      .prepare('UPDATE operations SET folder = ?, kept = NULL WHERE project = ? AND stack = ?')
      .run(folder ?? null, id.project, id.stack);
  }

  /** Gives a claim back to the dead owner that `from` has taken it from, unless it has changed hands since. */
  handBack({ id, operation, owner, startedAt, folder, kept }: Claim, from: ProcessIdentity): void {
    const set = 'operation = ?, started_at = ?, owner_pid = ?, owner_started = ?, folder = ?, kept = ?';
    const keptText = kept === undefined ? null : JSON.stringify(kept);
    this.#db
      .prepare(`UPDATE operations SET ${set} WHERE ${OWNED}`)
      .run(operation, startedAt, owner.pid, owner.started, folder ?? null, keptText, ...owned(id, from));
  }

  /** Frees a stack that `owner` has claimed; one that has changed hands since stays as it is. */
  release(id: StackId, owner: ProcessIdentity): void {
    this.#db.prepare(`DELETE FROM operations WHERE ${OWNED}`).run(...owned(id, owner));
  }

  /** Every claim, of living and of dead owners. */
  claims(): Claim[] {
    return (this.#db.prepare('SELECT * FROM operations').all() as Row[]).map(claimOf);
  }

  /**
   * Records what the stack is made from, unless something is recorded already; returns what is. The whole input is kept for
   * who has to destroy the stack and knows its name alone.
   */
  commission(id: StackId, input: StackInput): Commission {
    const digest = computeInputDigest(input);
    return this.#atomically(() => {
      this.#db
        .prepare(
          `INSERT INTO commissions (project, stack, input, made) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET made = excluded.made WHERE made IS NULL AND input = excluded.input`,
        )
        .run(id.project, id.stack, digest, JSON.stringify(input));
      const row = this.#db
        .prepare('SELECT input, provisioned FROM commissions WHERE project = ? AND stack = ?')
        .get(id.project, id.stack) as Row;
      return { input: row.input as string, provisioned: row.provisioned === 1 };
    });
  }

  /** What the stack was to be made from; undefined where that is not known. */
  commissioned(id: StackId): StackInput | undefined {
    const found = this.#db.prepare('SELECT made FROM commissions WHERE project = ? AND stack = ?');
    const { made } = (found.get(id.project, id.stack) as Row | undefined) ?? {};
    return typeof made === 'string' ? (JSON.parse(made) as StackInput) : undefined;
  }

  delivered(id: StackId): void {
    this.#db
      .prepare('UPDATE commissions SET provisioned = 1 WHERE project = ? AND stack = ?')
      .run(id.project, id.stack);
  }

  /** From here on the stack is no longer whole, whatever happens to the destroy. */
  undelivered(id: StackId): void {
    this.#db
      .prepare('UPDATE commissions SET provisioned = 0 WHERE project = ? AND stack = ?')
      .run(id.project, id.stack);
  }

  forget(id: StackId): void {
    this.#db.prepare('DELETE FROM commissions WHERE project = ? AND stack = ?').run(id.project, id.stack);
  }

  close(): void {
    this.#db.close();
  }

  /** A ledger of an earlier version has no such column. Several processes may open it at once. */
  #addMade(): void {
    this.#atomically(() => {
      const columns = this.#db.prepare('PRAGMA table_info(commissions)').all() as Row[];
      if (!columns.some(({ name }) => name === 'made')) this.#db.exec('ALTER TABLE commissions ADD COLUMN made TEXT');
    });
  }

  #find(id: StackId): Claim | undefined {
    const found = this.#db.prepare('SELECT * FROM operations WHERE project = ? AND stack = ?');
    const row = found.get(id.project, id.stack) as Row | undefined;
    return row && claimOf(row);
  }

  #atomically<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // On a full disk SQLite may have done so by itself.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

function isSame(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.started === other.started;
}

function claimOf(row: Row): Claim {
  return {
    id: { project: String(row.project), stack: String(row.stack) },
    operation: String(row.operation),
    owner: { pid: Number(row.owner_pid), started: String(row.owner_started) },
    startedAt: String(row.started_at),
    ...(row.folder === null ? {} : { folder: String(row.folder) }),
    ...(row.kept === null ? {} : { kept: JSON.parse(String(row.kept)) as KeptOutcome }),
  };
}
