import { type Hash, createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { CopyProgress } from './copy-progress.ts';
import {
  FOLDER_LIMITS,
  type FolderEntry,
  FolderFaults,
  type FolderLimits,
  readEntries,
  unreadable,
} from './folder-entries.ts';

/**
 * Copies a folder to where nothing is yet. Blocks: to be called in a thread of its own.
 *
 * @returns SHA-256, in hex, of the copy: the folder may change while it is read
 * @throws FolderFaults when the folder cannot be deployed as it is
 */
export function copyAndDigest(from: string, to: string, progress: CopyProgress, limits = FOLDER_LIMITS): string {
  const entries = readEntries(from, limits, progress);
  mkdirSync(to, { recursive: true });
  for (const entry of entries) {
    if (entry.kind !== 'folder') continue;
    mkdirSync(join(to, entry.path), { recursive: true });
    progress.add('made');
  }
  return copyEntries(entries, to, limits, progress);
}

type File = FolderEntry & { kind: 'file' };

const CHUNK = 1024 * 1024;

/** Each file is read once: what is hashed is what is written. */
function copyEntries(
  entries: readonly FolderEntry[],
  to: string,
  { bytes: most }: FolderLimits,
  progress: CopyProgress,
): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK);
  let left = most;
  for (const entry of entries) {
    const copy = join(to, entry.path);
    if (entry.kind === 'folder') hash.update(`folder\0${entry.path}\0`);
    else if (entry.kind === 'link') {
      symlinkSync(entry.target, copy);
      progress.add('made');
      hash.update(`link\0${entry.path}\0${entry.target}\0`);
    } else {
      const content = createHash('sha256');
      const bytes = reading(entry, () => readFile(entry, content, { chunk, most: left, copy, progress }));
      left -= bytes;
      progress.add('files');
      hash.update(`file\0${entry.path}\0${entry.executable ? 'x' : '-'}\0${content.digest('hex')}\0`);
    }
  }
  return hash.digest('hex');
}

/** Hashes and copies a file, which may have grown or be another thing since it was listed: no more than `most` is read. */
function readFile(
  { from, executable }: File,
  hash: Hash,
  { chunk, most, copy, progress }: { chunk: Buffer; most: number; copy: string; progress: CopyProgress },
): number {
  // Not to wait for who writes a pipe that has taken the file's place.
  const source = openSync(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  let target: number | undefined;
  try {
    if (!fstatSync(source).isFile()) throw new Error('is no file any more');
    target = openSync(copy, 'wx', executable ? 0o755 : 0o644);
    let bytes = 0;
    for (let count = readSync(source, chunk); count > 0; count = readSync(source, chunk)) {
      bytes += count;
      progress.add('bytes', count);
      if (bytes > most) throw new Error('grows while it is read');
      hash.update(chunk.subarray(0, count));
      writeAll(target, chunk.subarray(0, count));
    }
    return bytes;
  } finally {
    closeSync(source);
    if (target !== undefined) closeSync(target);
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}

function reading(file: File, read: () => number): number {
  try {
    return read();
  } catch (error) {
    const reason = unreadable(error);
    if (reason !== undefined) throw new FolderFaults([`${file.from} ${reason}`]);
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' || code === 'ELOOP' ? 'has gone or changed' : message;
    throw new Error(`${file.from} ${what}, while its folder was read`, { cause: error });
  }
}
