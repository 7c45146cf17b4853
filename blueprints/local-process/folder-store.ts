import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { folderDigest } from './folder-digest.ts';
import { foldersDir } from './layout.ts';

/**
 * Keeps a folder as it is now, under the digest of what it holds, and returns that. A revision made from it can be made
 * again when the folder has long moved on.
 */
export async function keepFolder(dataDir: string, folder: string): Promise<string> {
  const known = await folderDigest(folder);
  if (await exists(keptFolder(dataDir, known))) return known;
  const aside = join(foldersDir(dataDir), `.${randomUUID()}`);
  await mkdir(dirname(aside), { recursive: true });
  try {
    await copyFolder(folder, aside);
    // Of the copy: the folder may have changed while it was read.
    const sha256 = await folderDigest(aside);
    await moveInto(aside, keptFolder(dataDir, sha256));
    return sha256;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** The kept folder of this digest; undefined when it was never kept here. */
export async function findKeptFolder(dataDir: string, sha256: string): Promise<string | undefined> {
  const kept = keptFolder(dataDir, sha256);
  return (await exists(kept)) ? kept : undefined;
}

/** A copy of its own, so that a process that writes into its folder changes neither the source nor another revision. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
}

function keptFolder(dataDir: string, sha256: string): string {
  return join(foldersDir(dataDir), sha256);
}

async function moveInto(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    // Somebody else was quicker with the same content.
    if (!(await exists(to))) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
