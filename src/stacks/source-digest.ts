import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * SHA-256 over a blueprint's TypeScript and JavaScript files, by relative path and content, in hex. Installed code that
 * differs in a byte has another digest, so that a revision is only re-provisioned by what first made it.
 */
export async function computeSourceDigest(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true });
  const hash = createHash('sha256');
  for (const path of entries.filter((entry) => /\.[cm]?[jt]s$/.test(entry)).sort()) {
    const content = await readFile(join(directory, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
