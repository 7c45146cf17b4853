import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import type { LoadProbe } from '../../../src/domain/experiment/probe.ts';
import type { Endpoint } from '../../../src/domain/service/revision.ts';

export const PROBE: LoadProbe = {
  ...{ kind: 'load', name: 'load', rate: 200, forMs: 500, warmUpMs: 0, method: 'GET', path: '/', status: [200] },
  timeoutMs: 20_000,
};

/** A server to be measured, with the connections that are open to it. */
export interface Service extends AsyncDisposable {
  endpoint: Endpoint;
  sockets: Set<Socket>;
  /** How many connections there were. */
  connections(): number;
  /** Resolves when no connection is left. */
  idle(): Promise<void>;
}

export function serveHttp(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Service> {
  return serve(createHttp(answer));
}

export function serveTcp(onSocket: (socket: Socket) => void): Promise<Service> {
  return serve(createTcp(onSocket));
}

async function serve(server: Server): Promise<Service> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const changes = new Set<() => void>();
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      for (const change of changes) change();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: { host: '127.0.0.1', port },
    sockets,
    connections: () => connections,
    idle: () =>
      new Promise((resolve) => {
        const look = (): void => {
          if (sockets.size === 0) resolve();
        };
        changes.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Nobody listens there. */
export async function findClosedEndpoint(): Promise<Endpoint> {
  await using service = await serveTcp(() => undefined);
  return service.endpoint;
}
