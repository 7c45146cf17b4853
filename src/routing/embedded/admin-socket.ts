import { once } from 'node:events';
import { chmodSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { codeOf } from './faults.ts';

/** Longest path a unix socket can have everywhere (macOS; Linux takes four more). */
const MAX_PATH_BYTES = 103;

/**
 * Removes the socket file that a process which has died left behind.
 * @throws Error when a live process answers there, or the path is no socket's
 */
export async function clearStaleSocket(path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new Error(`${path} is too long for a unix socket: use a path of at most ${MAX_PATH_BYTES} bytes`);
  }
  const found = await knock(path);
  if (found === 'live') {
    throw new Error(`a router is running and listens on ${path}: stop it first, or use another --socket`);
  }
  if (found === 'stale') unlinkSync(path);
}

/** Only this user may speak to the router. */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  await once(server.listen(path), 'listening');
  chmodSync(path, 0o600);
}

async function knock(path: string): Promise<'live' | 'stale' | 'absent'> {
  const { promise, resolve, reject } = Promise.withResolvers<'live' | 'stale' | 'absent'>();
  const socket = connect(path);
  socket.once('connect', () => resolve('live'));
  socket.once('error', (error) => {
    const code = codeOf(error);
    if (code === 'ENOENT') resolve('absent');
    else if (code === 'ECONNREFUSED') resolve('stale');
    else reject(new Error(`${path} cannot be used as the admin socket: ${error.message}`));
  });
  return promise.finally(() => socket.destroy());
}
