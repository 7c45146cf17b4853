import { readFile, readdir, readlink } from 'node:fs/promises';
import { listeningSockets } from './listeners.ts';

/**
 * Who listens on a TCP port of this machine, for people: `node, process 4711`. Undefined where that cannot be known: the
 * process is another user's, or this is no Linux. Reads file by file, so that anyone who asks can go on with other work.
 */
export async function findPortHolder(port: number): Promise<string | undefined> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readIfThere));
  const listening = tables.flatMap(listeningSockets).filter((socket) => socket.port === port);
  if (listening.length === 0) return undefined;
  const inodes = new Set(listening.map(({ inode }) => `socket:[${inode}]`));
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (await holdsOneOf(pid, inodes)) return `${(await readIfThere(`/proc/${pid}/comm`)).trim()}, process ${pid}`;
  }
  return undefined;
}

async function holdsOneOf(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  // Not to be looked into, or gone.
  for (const descriptor of await readdir(folder).catch(() => [])) {
    if (sockets.has(await readlink(`${folder}/${descriptor}`).catch(() => ''))) return true;
  }
  return false;
}

function readIfThere(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
