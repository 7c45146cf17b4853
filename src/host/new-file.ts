import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './durable-file.ts';

const CHUNK = 64 * 1024;
/** File systems without hard links, such as those of memory sticks, refuse with one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * Creates a file as a whole: under its name there is all that `produce` writes, safe from a power cut, or nothing.
 *
 * @throws Error with the code EEXIST when there is a file of that name; it is left as it is
 */
export async function createWhole(
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
