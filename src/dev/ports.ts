import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** The preferred port where it is free, else one that is. */
export async function findFreePort(preferred: number, taken: readonly number[] = [], host = LOOPBACK): Promise<number> {
  if (preferred > 0 && !taken.includes(preferred)) {
    const port = await tryPort(preferred, host);
    if (port !== undefined) return port;
  }
  for (;;) {
    const port = await tryPort(0, host);
    if (port !== undefined && !taken.includes(port)) return port;
  }
}

/** Whether nobody listens there. */
export async function isFree(port: number): Promise<boolean> {
  return (await tryPort(port, LOOPBACK)) !== undefined;
}

function tryPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(undefined) : reject(error),
    );
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === 'object' && address ? address.port : undefined;
      server.close(() => resolve(found));
    });
  });
}
