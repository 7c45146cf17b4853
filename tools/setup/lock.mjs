import { readFileSync, rmSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStart } from './process-start.mjs';

const RETRY_MS = 100;
const HEARTBEAT_MS = 5_000;
/** Only for a holder that cannot be asked, in another container on this checkout: silent for so long is dead. */
const SILENT_MS = 60_000;

/**
 * Runs `work` while no other process holds the lock; a dead holder's lock is taken over.
 *
 * The lock is a folder with its owner's file in it, put in place by one rename, which fails while an owner's file is
 * there. Only that very file is ever removed, so two that find the same dead owner cannot remove each other's lock.
 *
 * @template T
 * @param {string} folder
 * @param {(holder: string) => void} onWait told once, when somebody else holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, onWait, work) {
  const owner = randomUUID();
  for (let told = false; !(await take(folder, owner));) {
    const holder = await clearDeadOwners(folder);
    if (!holder) continue;
    if (!told) onWait(holder);
    told = true;
    await sleep(RETRY_MS);
  }
  const file = join(folder, owner);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  const heartbeat = setInterval(() => utimes(file, new Date(), new Date()).catch(() => undefined), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}

/**
 * @param {string} folder
 * @param {string} owner
 */
async function take(folder, owner) {
  const prepared = `${folder}.${owner}`;
  await mkdir(prepared, { recursive: true });
  const self = { pid: process.pid, host: hostname(), start: processStart(process.pid) };
  await writeFile(join(prepared, owner), JSON.stringify(self));
  try {
    await rename(prepared, folder);
    return true;
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} folder
 * @returns {Promise<string | undefined>} an owner that is alive, in words
 */
async function clearDeadOwners(folder) {
  const owners = await readdir(folder).catch(() => []);
  for (const owner of owners) {
    const file = join(folder, owner);
    const holder = readHolder(file);
    if (await isAlive(file, holder)) return holder ? `process ${holder.pid} on ${holder.host}` : 'an unknown process';
    await unlink(file).catch(() => undefined);
  }
  return undefined;
}

/**
 * @param {string} file
 * @returns {{ pid: number, host: string, start: string } | undefined}
 */
function readHolder(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} file
 * @param {ReturnType<typeof readHolder>} holder
 */
async function isAlive(file, holder) {
  if (holder?.host === hostname()) return processStart(holder.pid) === holder.start;
  const seen = await stat(file).catch(() => undefined);
  return seen !== undefined && Date.now() - seen.mtimeMs < SILENT_MS;
}
