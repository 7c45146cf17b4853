import { DatabaseSync } from 'node:sqlite';
import type { StackId } from '../blueprint.ts';
import { isAlive, type ProcessIdentity } from '../../host/process-identity.ts';

/** An engine operation that is under way, or was when its worker died. */
export interface Claim {
  operation: string;
  owner: ProcessIdentity;
  startedAt: string;
  workDir?: string;
  engine?: ProcessIdentity;
}

/** What was asked of a stack first, and whether it has been delivered: a stack is made from one input only. */
export interface Commission {
  input: string;
  provisioned: boolean;
}

type Row = Record<string, string | number | null>;

/**
 * Which operation holds which stack, on disk and exclusively across all workers of a data folder. A claim whose owner
 * is proven dead passes to whoever asks next, together with what its engine process was.
 */
export class Ledger {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    this.#db = new DatabaseSync(path, { timeout: 5_000 });
    this.#db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS claims (
        project TEXT NOT NULL, stack TEXT NOT NULL, operation TEXT NOT NULL, started_at TEXT NOT NULL,
        owner_pid INTEGER NOT NULL, owner_started TEXT NOT NULL,
        engine_pid INTEGER, engine_started TEXT, work_dir TEXT,
        PRIMARY KEY (project, stack)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS commissions (
        project TEXT NOT NULL, stack TEXT NOT NULL, input TEXT NOT NULL, provisioned INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (project, stack)
      ) STRICT;`);
  }

  /**
   * Takes the stack for `owner`.
   * @returns `busy`, the claim of a living owner; else `left`, that of a dead one, where there was any
   */
  claim(id: StackId, operation: string, owner: ProcessIdentity): { busy?: Claim; left?: Claim } {
    return this.#atomically(() => {
      const present = this.#find(id);
      if (present && isAlive(present.owner)) return { busy: present };
      this.#db
        .prepare(
          `INSERT INTO claims (project, stack, operation, started_at, owner_pid, owner_started) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET operation = excluded.operation, started_at = excluded.started_at,
             owner_pid = excluded.owner_pid, owner_started = excluded.owner_started`,
        )
        .run(id.project, id.stack, operation, new Date().toISOString(), owner.pid, owner.started);
      return present ? { left: present } : {};
    });
  }

  /** Notes the engine process that works on a claimed stack; undefined once it has ended. */
  noteEngine(id: StackId, workDir: string, engine: ProcessIdentity | undefined): void {
    this.#db
      .prepare('UPDATE claims SET work_dir = ?, engine_pid = ?, engine_started = ? WHERE project = ? AND stack = ?')
      .run(workDir, engine?.pid ?? null, engine?.started ?? null, id.project, id.stack);
  }

  release(id: StackId): void {
    this.#db.prepare('DELETE FROM claims WHERE project = ? AND stack = ?').run(id.project, id.stack);
  }

  /** Records what the stack is made from, unless something is recorded already; returns what is. */
  commission(id: StackId, input: string): Commission {
    return this.#atomically(() => {
      this.#db
        .prepare('INSERT INTO commissions (project, stack, input) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
        .run(id.project, id.stack, input);
      const row = this.#db
        .prepare('SELECT input, provisioned FROM commissions WHERE project = ? AND stack = ?')
        .get(id.project, id.stack) as Row;
      return { input: row.input as string, provisioned: row.provisioned === 1 };
    });
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

  #find(id: StackId): Claim | undefined {
    const row = this.#db.prepare('SELECT * FROM claims WHERE project = ? AND stack = ?').get(id.project, id.stack) as
      Row | undefined;
    if (!row) return undefined;
    const engine = row.engine_pid === null ? {} : { engine: identity(row.engine_pid, row.engine_started) };
    return {
      operation: row.operation as string,
      owner: identity(row.owner_pid, row.owner_started),
      startedAt: row.started_at as string,
      ...(row.work_dir === null ? {} : { workDir: row.work_dir as string }),
      ...engine,
    };
  }

  #atomically<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

function identity(pid: Row[string] | undefined, started: Row[string] | undefined): ProcessIdentity {
  return { pid: Number(pid), started: String(started) };
}
