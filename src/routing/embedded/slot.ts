import { closeSync, fdatasync, fstatSync, openSync, readFileSync, write } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from './faults.ts';

/** What file systems write in one piece. A slot is a multiple of it, so that its size seldom changes. */
const BLOCK_BYTES = 4096;

const writeAt = promisify(write);
const syncData = promisify(fdatasync);

/** What the slot holds, padding included; undefined when it was never written. */
export function readSlot(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * When it returns, the content survives a power cut. Before, a slot that was there may hold anything; one that was not
 * is either absent or whole.
 * @throws Error when the disk refuses
 */
export async function writeSlot(path: string, content: string): Promise<void> {
  const slot = openExisting(path);
  if (slot === undefined) {
    await create(path, padded(content, 0));
    return;
  }
  try {
    await overwrite(slot, padded(content, fstatSync(slot).size));
  } finally {
    closeSync(slot);
  }
}

/** By its path for each write, so that a file that was deleted meanwhile is noticed. */
function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Neither name nor size changes, so there is nothing for the disk to do but the data. */
async function overwrite(slot: number, bytes: Buffer): Promise<void> {
  const { bytesWritten } = await writeAt(slot, bytes, 0, bytes.length, 0);
  if (bytesWritten < bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were taken`);
  await syncData(slot);
}

async function create(path: string, bytes: Buffer): Promise<void> {
  const temporaryPath = `${path}.tmp`;
  await using file = await open(temporaryPath, 'w', 0o600);
  await file.writeFile(bytes);
  await file.sync();
  await rename(temporaryPath, path);
  // A new name is durable only once its folder is.
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}

/** Blanks, which JSON allows, up to a whole block and over all that was there. */
function padded(content: string, leastBytes: number): Buffer {
  const text = Buffer.from(content);
  const blocks = Math.ceil(text.length / BLOCK_BYTES);
  const bytes = Buffer.alloc(Math.max(blocks * BLOCK_BYTES, leastBytes), ' ');
  text.copy(bytes);
  return bytes;
}
