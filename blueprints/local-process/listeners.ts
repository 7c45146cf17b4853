import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';

/**
 * Whether one of the processes listens on the port, rather than a stranger who was faster. Elsewhere than on Linux
 * nobody can be asked, and the answer is yes.
 */
export function listens(pids: readonly number[], port: number): boolean {
  if (process.platform !== 'linux') return true;
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningSockets(read(table), port)));
  return pids.some((pid) => socketsOf(pid).some((socket) => sockets.has(socket)));
}

/** Inodes of the sockets that listen on the port, from a table such as `/proc/net/tcp` (proc_net_tcp(5)). */
export function listeningSockets(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTEN && local.endsWith(`:${hex}`) && inode !== undefined ? [inode] : [];
  });
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(target(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}

/** Empty for a descriptor that was closed in the meantime. */
function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

/** Empty where the kernel has no such table, for instance without IPv6. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
