import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StackId } from '../../blueprint.ts';
import { EngineError } from '../../driver.ts';
import { writeDurably } from '../../../host/durable-file.ts';

/** A stack's state, as far as this driver reads it. */
export interface StackState {
  resources: StateResource[];
  /** Changes that were begun and whose outcome is not recorded: facts to resolve, not warnings. */
  pending: { urn: string; operation: string }[];
}

export interface StateResource {
  urn: string;
  type: string;
  outputs: Record<string, unknown>;
}

/** A lock of an update that is under way, or whose process was killed. */
export interface EngineLock {
  path: string;
  pid: number;
  hostname: string;
  username: string;
  timestamp: string;
}

interface Checkpoint {
  version: number;
  checkpoint: {
    latest?: {
      resources?: { urn: string; type: string; outputs?: Record<string, unknown> }[];
      pending_operations?: { resource: { urn: string }; type: string }[];
    };
  };
}

/** Deployment schema versions written by the engine this project pins. */
const KNOWN_VERSIONS = [3, 4];

/**
 * The engine's file backend, read without a CLI process per question. Layout and schema are those of Pulumi 3.230
 * (`pkg/backend/diy`, `sdk/go/common/apitype`); anything unknown is an error, never a guess.
 */
export class StateStore {
  readonly #root: string;

  /** @param directory what the backend URL points at */
  constructor(directory: string) {
    this.#root = join(directory, '.pulumi');
  }

  /** Undefined for a stack that does not exist. */
  async read(id: StackId): Promise<StackState | undefined> {
    const text = await orNothing(readFile(this.#checkpoint(id), 'utf8'));
    return text === undefined ? undefined : parse(text, this.#checkpoint(id));
  }

  /**
   * Makes the stack exist with nothing in it: the very record that `pulumi stack init` writes first, without the half
   * second its process takes. Leaves a stack that exists alone.
   */
  async initialise(id: StackId): Promise<void> {
    if ((await this.read(id)) !== undefined) return;
    const checkpoint = { version: 3, checkpoint: { stack: `organization/${id.project}/${id.stack}` } };
    await writeDurably(this.#checkpoint(id), `${JSON.stringify(checkpoint, null, 4)}\n`);
  }

  async list(): Promise<StackId[]> {
    const projects = (await orNothing(readdir(join(this.#root, 'stacks')))) ?? [];
    const stacks = await Promise.all(
      projects.map(async (project) => {
        const names = (await orNothing(readdir(join(this.#root, 'stacks', project)))) ?? [];
        const checkpoints = names.filter((name) => name.endsWith('.json'));
        return checkpoints.map((name) => ({ project, stack: name.slice(0, -'.json'.length) }));
      }),
    );
    return stacks.flat();
  }

  /** Removes every trace of the stack, which `pulumi stack rm` would not: backups and the spare checkpoint stay there. */
  async forget(id: StackId): Promise<void> {
    const folder = dirname(this.#checkpoint(id));
    const names = (await orNothing(readdir(folder))) ?? [];
    const own = names.filter((name) => name.startsWith(`${id.stack}.`));
    // The checkpoint goes last: while anything is left, the stack is still listed.
    const checkpoint = `${id.stack}.json`;
    for (const name of own.filter((other) => other !== checkpoint)) await rm(join(folder, name), { force: true });
    for (const kind of ['history', 'backups', join('locks', 'organization')]) {
      await rm(join(this.#root, kind, id.project, id.stack), { recursive: true, force: true });
    }
    await rm(join(folder, checkpoint), { force: true });
  }

  async locks(id: StackId): Promise<EngineLock[]> {
    const folder = this.#locks(id);
    const names = ((await orNothing(readdir(folder))) ?? []).filter((name) => name.endsWith('.json'));
    const locks = await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name);
        const text = await orNothing(readFile(path, 'utf8'));
        // Released between the two reads.
        return text === undefined ? [] : [{ ...(JSON.parse(text) as Omit<EngineLock, 'path'>), path }];
      }),
    );
    return locks.flat();
  }

  /**
   * Removes what is left of locks whose writing failed or was cut off: the engine takes them for locks, cannot read them,
   * and fails for ever. A lock is written within a moment, so one that has been half-written for longer has no writer.
   */
  async removeHalfWrittenLocks(id: StackId, sinceMs: number): Promise<void> {
    const folder = this.#locks(id);
    const names = ((await orNothing(readdir(folder))) ?? []).filter((name) => name.endsWith('.tmp'));
    for (const path of names.map((name) => join(folder, name))) {
      const written = await orNothing(stat(path));
      if (written && Date.now() - written.mtimeMs > sinceMs) await rm(path, { force: true });
    }
  }

  /** For a lock whose holder is proven dead. */
  async removeLock(lock: EngineLock): Promise<void> {
    await rm(lock.path, { force: true });
    await rm(`${lock.path}.attrs`, { force: true });
  }

  /** For pending operations that were resolved: the engine would carry them along for ever. Needs the stack's lock. */
  async clearPending(id: StackId): Promise<void> {
    const path = this.#checkpoint(id);
    const file = JSON.parse(await readFile(path, 'utf8')) as Checkpoint;
    delete file.checkpoint.latest?.pending_operations;
    await writeDurably(path, `${JSON.stringify(file, null, 4)}\n`);
  }

  #locks(id: StackId): string {
    return join(this.#root, 'locks', 'organization', id.project, id.stack);
  }

  #checkpoint(id: StackId): string {
    return join(this.#root, 'stacks', id.project, `${id.stack}.json`);
  }
}

function parse(text: string, path: string): StackState {
  let file: Checkpoint;
  try {
    file = JSON.parse(text) as Checkpoint;
  } catch {
    throw new EngineError(`the state file ${path} is not JSON; its previous version is beside it as .bak`);
  }
  if (!KNOWN_VERSIONS.includes(file.version)) {
    throw new EngineError(
      `the state file ${path} has version ${file.version}; known are ${KNOWN_VERSIONS.join(' and ')}`,
    );
  }
  const { resources = [], pending_operations: pending = [] } = file.checkpoint.latest ?? {};
  return {
    resources: resources.map(({ urn, type, outputs = {} }) => ({ urn, type, outputs })),
    pending: pending.map(({ resource, type }) => ({ urn: resource.urn, operation: type })),
  };
}

async function orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
