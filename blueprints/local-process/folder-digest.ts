import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** SHA-256 over a folder's files and links by relative path, executable bit and content, in hex. */
export async function folderDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const path of (await readdir(folder, { recursive: true })).sort()) {
    const full = join(folder, path);
    const stat = await lstat(full);
    if (stat.isSymbolicLink()) {
      hash.update(`link\0${path}\0${await readlink(full)}\0`);
    } else if (stat.isFile()) {
      hash.update(`file\0${path}\0${(stat.mode & 0o100) !== 0 ? 'x' : '-'}\0${await fileDigest(full)}\0`);
    }
  }
  return hash.digest('hex');
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
