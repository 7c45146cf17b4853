import { mkdir, readdir, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 100;
const HEARTBEAT_MS = 5_000;
/** A holder that cannot be asked (another container on this checkout, a reused pid) counts as dead after this silence. */
const SILENT_MS = 60_000;

/**
 * Runs `work` while no other process holds the lock; a dead holder's lock is taken over.
 *
 * The lock is a folder with its owner's file in it, put in place by one rename, which fails while an owner's file is
 * there. Only that very file is ever removed, so two that find the same dead owner cannot remove each other's lock.
 *
 * @template T
 * @param {string} folder
 * @param {(owner: string) => void} onWait told once, when somebody else holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, onWait, work) {
  const owner = `${process.pid}@${hostname()}.${randomUUID()}`;
  for (let told = false; !(await take(folder, owner)); ) {
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
  const prepared = `${folder}.${randomUUID()}`;
  await mkdir(prepared, { recursive: true });
  await writeFile(join(prepared, owner), '');
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
 * @returns {Promise<string | undefined>} an owner that is alive
 */
async function clearDeadOwners(folder) {
  const owners = await readdir(folder).catch(() => []);
  for (const owner of owners) {
    if (await isAlive(folder, owner)) return owner.replace(/\..*/, '');
    await unlink(join(folder, owner)).catch(() => undefined);
  }
  return undefined;
}

/**
 * @param {string} folder
 * @param {string} owner
 */
async function isAlive(folder, owner) {
  const at = owner.indexOf('@');
  const isHere = owner.slice(at + 1).startsWith(`${hostname()}.`);
  if (isHere && !processExists(Number(owner.slice(0, at)))) return false;
  const seen = await stat(join(folder, owner)).catch(() => undefined);
  return seen !== undefined && Date.now() - seen.mtimeMs < SILENT_MS;
}

/** @param {number} pid */
function processExists(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
