import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CopyOptions, copyFolder } from './folder-work.ts';
import { foldersDir } from './layout.ts';

/**
 * Keeps a folder as it is now, under the digest of what it holds, and returns that. A revision made from it can be made
 * again when the folder has long moved on.
 *
 * @throws FolderFaults when the folder cannot be deployed as it is
 */
export async function keepFolder(dataDir: string, folder: string, options: CopyOptions = {}): Promise<string> {
  const aside = join(foldersDir(dataDir), `.${randomUUID()}`);
  await mkdir(dirname(aside), { recursive: true });
  try {
    // Read once: whether it is known already is known when it is copied.
    const sha256 = await copyFolder(folder, aside, options);
    await moveInto(aside, keptFolder(dataDir, sha256));
    return sha256;
  } finally {
    await rm(aside, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The kept folder of this digest; undefined when it was never kept here. */
export async function findKeptFolder(dataDir: string, sha256: string): Promise<string | undefined> {
  const kept = keptFolder(dataDir, sha256);
  return (await isThere(kept)) ? kept : undefined;
}

/** Nobody works on a copy for as long as this, in milliseconds. */
const FORGOTTEN_MS = 3_600_000;

/** Removes copies that were never completed: their worker was killed. */
export async function removeUnfinishedCopies(dataDir: string): Promise<void> {
  const names = await readdir(foldersDir(dataDir)).catch(() => []);
  for (const name of names.filter((each) => each.startsWith('.'))) {
    const path = join(foldersDir(dataDir), name);
    const { mtimeMs } = (await stat(path).catch(() => undefined)) ?? {};
    if (mtimeMs !== undefined && Date.now() - mtimeMs > FORGOTTEN_MS) await rm(path, { recursive: true, force: true });
  }
}

function keptFolder(dataDir: string, sha256: string): string {
  return join(foldersDir(dataDir), sha256);
}

async function moveInto(from: string, to: string): Promise<void> {
  if (await isThere(to)) return;
  try {
    await rename(from, to);
  } catch (error) {
    // Somebody else was quicker with the same content.
    if (!(await isThere(to))) throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
