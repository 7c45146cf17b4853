import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A socket that takes connections, as the kernel lists it. */
export interface Listener {
  inode: string;
  /** `127.0.0.1:8080`, `[::1]:8080` or a socket's path; every address is `0.0.0.0` or `[::]`. */
  address: string;
  /** Undefined for a socket in the file system. */
  port?: number;
}

/**
 * Whether one of the processes listens on the port, rather than a stranger who was faster. Elsewhere than on Linux
 * nobody can be asked, and the answer is yes.
 */
export function listens(pids: readonly number[], port: number): boolean {
  if (process.platform !== 'linux') return true;
  const sockets = new Set(tcpListeners().flatMap((listener) => (listener.port === port ? [listener.inode] : [])));
  return pids.some((pid) => socketsOf(pid).some((socket) => sockets.has(socket)));
}

/** Where the processes listen, each address once. */
export function listeningAddresses(pids: readonly number[]): string[] {
  const own = new Set(pids.flatMap(socketsOf));
  const all = [...tcpListeners(), ...unixListeners(read('/proc/net/unix'))];
  return [...new Set(all.flatMap(({ inode, address }) => (own.has(inode) ? [address] : [])))];
}

/**
 * Who listens on a port of loopback, of every address or of the one that is named: their pids, none for a process that may not be
 * looked into.
 */
export function holdersOf(port: number, host = '127.0.0.1'): { isHeld: boolean; pids: number[] } {
  const isMeant = (address: string): boolean =>
    address === `${host}:${port}` || /^(127\.|0\.0\.0\.0|\[::(1|ffff:127\..*)?\])/.test(address);
  const sockets = new Set(
    tcpListeners().flatMap(({ inode, address, port: own }) => (own === port && isMeant(address) ? [inode] : [])),
  );
  if (sockets.size === 0) return { isHeld: false, pids: [] };
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && socketsOf(pid).some((socket) => sockets.has(socket)));
  return { isHeld: true, pids };
}

function tcpListeners(): Listener[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningSockets(read(table)));
}

const LISTEN = '0A';

/** The sockets that listen, from a table such as `/proc/net/tcp` (proc_net_tcp(5)). */
export function listeningSockets(table: string): Required<Listener>[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const [host = '', hexPort = ''] = local.split(':');
    if (state !== LISTEN || inode === undefined) return [];
    const port = Number.parseInt(hexPort, 16);
    return [{ inode, port, address: `${hostText(host)}:${port}` }];
  });
}

/** Flags of a socket that takes connections: `__SO_ACCEPTCON`. */
const ACCEPTS = '00010000';

/** The sockets in the file system that listen, from a table such as `/proc/net/unix` (proc_net_unix(5)). */
export function unixListeners(table: string): Listener[] {
  return table.split('\n').flatMap((line) => {
    const [, , , flags, , , inode, ...path] = line.trim().split(/\s+/);
    return flags === ACCEPTS && inode !== undefined && path.length > 0 ? [{ inode, address: path.join(' ') }] : [];
  });
}

/** Words of four bytes, each in the machine's order, which is little-endian wherever Node runs on Linux but on s390x. */
function hostText(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].toReversed());
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  // The URL standard's serializer is what shortens addresses in the usual way.
  return new URL(`http://[${groups.join(':')}]`).hostname;
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
