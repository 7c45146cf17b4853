import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessIdentity, isAlive, readProcessSpace, identifySelf } from '../host/process-identity.ts';

const OWNER = 'owner.json';
/** A folder from before a machine's restart, or another container's: nobody can tell whether its worker lives. */
const FORGOTTEN_MS = 7 * 24 * 3_600_000;

interface Owner extends ProcessIdentity {
  /** Where the pid means something. */
  space: string;
}

/**
 * The activities that this process has begun and not answered, by the tokens that answer them, in a folder of its own
 * below the one that all workers of a data folder share. Should it be killed, another one on the same machine can answer
 * for it; see {@link findAbandoned}. Files are not synced: what a power cut takes, time-outs make good.
 */
export class TaskTokenJournal implements Disposable {
  readonly #folder: string;
  #next = 1;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static begin(workers: string): TaskTokenJournal {
    const owner: Owner = { ...identifySelf(), space: readProcessSpace() };
    const name = `${owner.pid}-${randomUUID().slice(0, 8)}`;
    const unfinished = join(workers, `.${name}`);
    try {
      mkdirSync(unfinished, { recursive: true });
      writeFileSync(join(unfinished, OWNER), JSON.stringify(owner));
      renameSync(unfinished, join(workers, name));
    } catch {
      // A full disk is no reason not to work: it notes nothing.
    }
    return new TaskTokenJournal(join(workers, name));
  }

  /** Until disposed of. Where it cannot be noted, on a full disk for instance, a time-out has to do. */
  take(token: Uint8Array): Disposable {
    const path = join(this.#folder, `${this.#next}`);
    this.#next += 1;
    try {
      writeFileSync(path, token);
    } catch {
      remove(path);
    }
    return { [Symbol.dispose]: () => remove(path) };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What a worker had in hand when it was killed. */
export interface AbandonedTasks {
  tokens: Uint8Array[];
  /** Once it is answered. */
  forget: () => void;
}

/** Of workers of this data folder that are proven dead: processes of this machine, and of this container if it is one. */
export function findAbandoned(workers: string): AbandonedTasks[] {
  return folders(workers).flatMap((folder) => {
    const owner = ownerOf(folder);
    if (!owner) return [];
    if (owner.space !== readProcessSpace()) {
      if (isForgotten(folder)) rmSync(folder, { recursive: true, force: true });
      return [];
    }
    if (isAlive(owner)) return [];
    return [{ tokens: tokensIn(folder), forget: () => rmSync(folder, { recursive: true, force: true }) }];
  });
}

function folders(workers: string): string[] {
  try {
    return readdirSync(workers)
      .filter((name) => !name.startsWith('.'))
      .map((name) => join(workers, name));
  } catch {
    return [];
  }
}

/** Undefined for one that another worker is just removing. */
function ownerOf(folder: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function tokensIn(folder: string): Uint8Array[] {
  try {
    return readdirSync(folder)
      .filter((name) => name !== OWNER)
      .map((name) => readFileSync(join(folder, name)))
      .filter((token) => token.length > 0);
  } catch {
    return [];
  }
}

function isForgotten(folder: string): boolean {
  const changed = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  return changed !== undefined && Date.now() - changed > FORGOTTEN_MS;
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made, or the folder is gone.
  }
}
