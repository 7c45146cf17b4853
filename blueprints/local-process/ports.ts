import { mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Claim } from '../../src/host/claims.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { readBootId, readStat } from '../../src/host/process-identity.ts';
import { readListenAddress } from './address.ts';
import { portsDir } from './layout.ts';
import { holdersOf } from '../../src/host/listeners.ts';

/**
 * Below Linux's default range for outgoing connections (32768–60999), so that no connection takes a port between its
 * choice and the process's listening on it, nor while a process that crashed is being revived.
 */
const FIRST = 20_000;
const LAST = 32_767;

/**
 * Reserves a free port for a record, or returns the one it has. A reservation is a symbolic link to the record, made
 * at once and only once by the file system, so that concurrent creates, of several workers too, never share a port.
 */
export async function reservePort(dataDir: string, record: string, host: string): Promise<number> {
  const folder = portsDir(dataDir);
  await mkdir(folder, { recursive: true });
  const [held] = await portsOf(dataDir, record);
  if (held !== undefined) return held;
  const count = LAST - FIRST + 1;
  const first = Math.floor(Math.random() * count);
  for (let step = 0; step < count; step += 1) {
    const port = FIRST + ((first + step) % count);
    if (!(await reserved(join(folder, String(port)), record))) continue;
    if (await isFree(host, port)) return port;
    await rm(join(folder, String(port)), { force: true });
  }
  throw new Error(`no free port from ${FIRST} to ${LAST} on ${host}`);
}

/** Gives a record's ports back, all but the one to keep. */
export async function releasePorts(dataDir: string, record: string, keep?: number): Promise<void> {
  const ports = (await portsOf(dataDir, record)).filter((port) => port !== keep);
  await Promise.all(ports.map((port) => rm(join(portsDir(dataDir), String(port)), { force: true })));
}

/** Between a process's end and its sockets' there is nothing to wait for but the machine's load. */
const CLOSE_MS = 2_000;

/**
 * The last proof that nothing of a record's is left: nobody listens on its ports. Somebody who began to run before the
 * record's process is a stranger, and so is everybody outside of its control group, where it had one.
 * @throws Error that names who listens
 */
export async function ensurePortsLeft(dataDir: string, record: string, last: Claim | undefined): Promise<void> {
  if (process.platform !== 'linux' || !last?.holder || last.cgroup !== undefined) return;
  const [boot, ticks] = last.holder.started.split('/');
  if (boot !== readBootId()) return;
  const isOlder = (pid: number): boolean => Number(readStat(pid)?.startTicks ?? 0) < Number(ticks);
  for (const port of await portsOf(dataDir, record)) {
    const host = readListenAddress();
    let holders = holdersOf(port, host);
    const isLeft = (): boolean => {
      holders = holdersOf(port, host);
      return !holders.isHeld || (holders.pids.length > 0 && holders.pids.every(isOlder));
    };
    if (await waitUntil(CLOSE_MS, isLeft)) continue;
    const who = holders.pids.length === 0 ? "a process of another user's" : `process ${holders.pids.join(', ')}`;
    throw new Error(`port ${port} is still held by ${who}, which may have been started by ${record}: end it`);
  }
}

async function reserved(path: string, record: string): Promise<boolean> {
  try {
    await symlink(record, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function portsOf(dataDir: string, record: string): Promise<number[]> {
  const held: number[] = [];
  for (const [port, holder] of await reservations(dataDir)) {
    if (holder === record) held.push(port);
  }
  return held;
}

/** Every reservation: port and record. */
export async function reservations(dataDir: string): Promise<[number, string][]> {
  const names = await readdir(portsDir(dataDir)).catch(() => []);
  const links = names.map(async (name): Promise<[number, string]> => {
    // Released in the meantime is as good as never seen.
    return [Number(name), await readlink(join(portsDir(dataDir), name)).catch(() => '')];
  });
  return Promise.all(links);
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
