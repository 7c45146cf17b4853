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
  temporal: string;
  /** What can be made again at any time. */
  cache: string;
  logs: string;
  /** What each worker has in hand. */
  workers: string;
  /** What `supplant dev` is running here. */
  lease: string;
}

/** A Unix socket's path is limited to 107 bytes by the kernel. */
const LONGEST_SOCKET_PATH = 107;

export function dataFolder(path: string): DataFolder {
  const root = resolve(path);
  return {
    root,
    store: join(root, 'supplant.sqlite'),
    stacks: join(root, 'stacks'),
    router: join(root, 'router'),
    routerSocket: socketPath(root, 'router.sock'),
    temporal: join(root, 'temporal.sqlite'),
    cache: join(root, 'cache'),
    logs: join(root, 'logs'),
    workers: join(root, 'workers'),
    lease: join(root, 'dev.json'),
  };
}

function socketPath(root: string, name: string): string {
  const wanted = join(root, name);
  if (Buffer.byteLength(wanted) <= LONGEST_SOCKET_PATH) return wanted;
  return join(tmpdir(), `supplant-${createHash('sha256').update(root).digest('hex').slice(0, 16)}-${name}`);
}
