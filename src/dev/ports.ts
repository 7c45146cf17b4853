import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/**
 * Below those that the system hands out by itself: one of these could be anybody's by the time that it is used, and again while
 * its server is down. Linux begins at 32768 (`ip_local_port_range`), macOS and Windows at 49152.
 */
const LEFT_ALONE = { from: 20_000, to: 32_768 } as const;

/** The preferred port where it is free, else one that is, and that the system gives to nobody. */
export async function findFreePort(preferred: number, taken: readonly number[] = [], host = LOOPBACK): Promise<number> {
  if (preferred > 0 && !taken.includes(preferred) && (await isFree(preferred, host))) return preferred;
  for (;;) {
    const port = randomInt(LEFT_ALONE.from, LEFT_ALONE.to);
    if (!taken.includes(port) && (await isFree(port, host))) return port;
  }
}

/** Whether nobody listens there. */
export function isFree(port: number, host = LOOPBACK): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
