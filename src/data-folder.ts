import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Everything one installation keeps, below one folder. */
export interface DataFolder {
  root: string;
  /** Audit log and catalogue. */
  store: string;
  /** Pulumi state and what the blueprints keep. */
  stacks: string;
  router: string;
  routerSocket: string;
  /** What the process that runs HAProxy keeps. */
  haproxy: string;
  haproxySocket: string;
  temporal: string;
  /** What can be made again at any time. */
  cache: string;
  logs: string;
  /** What each worker has in hand. */
  workers: string;
  /** What `supplant dev` is running here. */
  lease: string;
  /** The token that a gateway without an access file wants from everybody. */
  token: string;
}

/** The longest path that a Unix socket can have everywhere, in bytes: macOS's limit; Linux takes four more. */
const LONGEST_SOCKET_PATH = 103;

export function resolveDataFolder(path: string): DataFolder {
  const root = resolve(path);
  return {
    root,
    store: join(root, 'supplant.sqlite'),
    stacks: join(root, 'stacks'),
    router: join(root, 'router'),
    routerSocket: socketPath(root, 'router.sock'),
    haproxy: join(root, 'haproxy'),
    haproxySocket: socketPath(root, 'haproxy.sock', HAPROXY_SOCKETS),
    temporal: join(root, 'temporal.sqlite'),
    cache: join(root, 'cache'),
    logs: join(root, 'logs'),
    workers: join(root, 'workers'),
    lease: join(root, 'dev.json'),
    token: join(root, 'api.token'),
  };
}

/** HAProxy's own sockets are beside it, and their names are longer by so many bytes, with what HAProxy appends meanwhile. */
const HAPROXY_SOCKETS = '12345678.sock.4194304.tmp'.length - 'haproxy.sock'.length;

/** Where the path is too long for a socket, or for the longer names beside it, it is in a folder of the user's own, which is made private as the data folder is. */
function socketPath(root: string, name: string, longer = 0): string {
  const wanted = join(root, name);
  if (Buffer.byteLength(wanted) + longer <= LONGEST_SOCKET_PATH) return wanted;
  const digest = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return join(tmpdir(), `supplant-${process.getuid?.() ?? 'user'}`, `${digest}-${name}`);
}
