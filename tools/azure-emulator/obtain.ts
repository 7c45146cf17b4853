import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const OWN = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOCK = new URL('../setup/lock.mjs', import.meta.url).href;
const FILES = ['package.json', 'package-lock.json'];
const MAIN = 'node_modules/azurite/dist/src/blob/main.js';

/** What of the set-up's lock is needed here; it has no types of its own. */
interface Lock {
  withLock: (folder: string, onWait: (holder: string) => void, work: () => Promise<void>) => Promise<void>;
}

/**
 * Azurite's blob service, to be run by Node. It is installed in `.tools` where it is not yet, at the versions of its
 * package-lock.json, and shared by all who ask.
 * @returns the script's path
 */
export async function obtainAzurite(): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(join(OWN, 'package-lock.json')))
    .digest('hex')
    .slice(0, 12);
  const home = join(ROOT, '.tools', 'azure-emulator');
  const folder = join(home, digest);
  const stamp = join(folder, 'complete');
  if (existsSync(stamp)) return join(folder, MAIN);
  await mkdir(home, { recursive: true });
  const { withLock } = (await import(LOCK)) as Lock;
  const announceWait = (holder: string): void => console.error(`waiting for ${holder}, which installs Azurite`);
  await withLock(join(home, 'lock'), announceWait, async () => {
    if (existsSync(stamp)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    for (const file of FILES) await copyFile(join(OWN, file), join(folder, file));
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--omit=optional'];
    await promisify(execFile)('npm', ['ci', ...options], { cwd: folder, maxBuffer: 16 * 1024 * 1024 });
    await writeFile(stamp, '');
  });
  return join(folder, MAIN);
}
