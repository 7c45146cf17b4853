import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StackId } from '../../blueprint.ts';
import { writeDurably } from '../../../host/durable-file.ts';
import { type CloudKey, type StackState, readCheckpoint, withoutPending, writeEmptyCheckpoint } from './checkpoint.ts';
import type { EngineLock, StateStore } from './state-store.ts';

/** Far longer than an engine takes to write two hundred bytes. */
const WRITING_MS = 2_000;

/** The engine's file backend. Its layout is that of Pulumi 3.230 (`pkg/backend/diy`). */
export class FileStateStore implements StateStore {
  readonly #root: string;
  readonly #key: CloudKey | undefined;

  /**
   * @param directory what the backend URL points at
   * @param key what encrypts the secrets of stacks that are made from here on; a passphrase unless told
   */
  constructor(directory: string, key?: CloudKey) {
    this.#root = join(directory, '.pulumi');
    this.#key = key;
  }

  async read(id: StackId): Promise<StackState | undefined> {
    const text = await orNothing(readFile(this.#checkpoint(id), 'utf8'));
    return text === undefined ? undefined : readCheckpoint(text, `file ${this.#checkpoint(id)}`);
  }

  async initialise(id: StackId): Promise<void> {
    if ((await this.read(id)) === undefined) {
      await writeDurably(this.#checkpoint(id), writeEmptyCheckpoint(id, this.#key));
    }
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

  async removeLocks(id: StackId, isStale: (lock: EngineLock) => boolean): Promise<EngineLock[]> {
    const folder = this.#locks(id);
    const names = (await orNothing(readdir(folder))) ?? [];
    await removeHalfWritten(names.filter((name) => name.endsWith('.tmp')).map((name) => join(folder, name)));
    const left: EngineLock[] = [];
    for (const path of names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name))) {
      const text = await orNothing(readFile(path, 'utf8'));
      // Released between the two reads.
      if (text === undefined) continue;
      const lock = { ...(JSON.parse(text) as Omit<EngineLock, 'path'>), path };
      if (isStale(lock)) for (const each of [path, `${path}.attrs`]) await rm(each, { force: true });
      else left.push(lock);
    }
    return left;
  }

  async clearPending(id: StackId): Promise<void> {
    const path = this.#checkpoint(id);
    await writeDurably(path, withoutPending(await readFile(path, 'utf8'), `file ${path}`));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #locks(id: StackId): string {
    return join(this.#root, 'locks', 'organization', id.project, id.stack);
  }

  #checkpoint(id: StackId): string {
    return join(this.#root, 'stacks', id.project, `${id.stack}.json`);
  }
}

/**
 * The engine takes them for locks, cannot read them, and fails for ever. A lock is written within a moment, so one that has
 * been half-written for longer has no writer.
 */
async function removeHalfWritten(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const written = await orNothing(stat(path));
    if (written && Date.now() - written.mtimeMs > WRITING_MS) await rm(path, { force: true });
  }
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
