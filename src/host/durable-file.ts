import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const CHUNK = 64 * 1024;
/** File systems without hard links, such as those of memory sticks, refuse with one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Replaces a file as a whole. When it returns, the new content survives a power cut; before, the old one does. */
export async function writeDurably(path: string, content: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeSynced(temporary, content, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes a file that nobody else has made, as durably; false, and nothing changed, where it is there already. */
export async function makeDurably(path: string, content: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await produceDurably(path, (write) => write(content));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Makes a file as a whole: under its name there is all that `produce` writes, safe from a power cut, or nothing.
 *
 * @throws Error with the code EEXIST when there is a file of that name; it is left as it is
 */
export async function produceDurably(
  path: string,
  produce: (write: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    try {
      await inChunks(file, produce);
      await file.sync();
    } finally {
      await file.close();
    }
    await giveName(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
}

async function inChunks(
  file: FileHandle,
  produce: (write: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  let pending = '';
  await produce(async (text) => {
    pending += text;
    if (pending.length < CHUNK) return;
    await file.writeFile(pending);
    pending = '';
  });
  await file.writeFile(pending);
}

/** A link is refused where the name is taken; a rename would replace what is there. */
async function giveName(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    // Takes the name first: of two who want it one is refused.
    await (await open(path, 'wx')).close();
    await rename(temporary, path);
  }
}

async function writeSynced(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name is durable only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
