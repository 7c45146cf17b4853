import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Enough for Temporal's database, the logs and the stacks of a few runs; small enough to be filled at once. */
const SIZE = '192m';
const BALLAST = 'ballast';
const CHUNK = Buffer.alloc(1024 * 1024);

/** A folder that is a file system of its own, or undefined where this process must not mount one. */
export async function smallDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'supplant-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0700`, 'supplant-chaos', folder], { stdio: 'pipe' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

export function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' });
  rmSync(folder, { recursive: true, force: true });
}

/** Writes until there is no space left, to the last byte. */
export function fill(folder: string): void {
  const path = join(folder, BALLAST);
  for (let size = CHUNK.length; size >= 1;) {
    try {
      appendFileSync(path, CHUNK.subarray(0, size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      size = Math.floor(size / 16);
    }
  }
}

export function relieve(folder: string): void {
  rmSync(join(folder, BALLAST), { force: true });
}
