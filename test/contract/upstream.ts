import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Endpoint } from '../../src/domain/service/revision.ts';

/** What `GET /` of an upstream answers. */
export interface Seen {
  upstream: string;
  method: string;
  url: string;
  headers: Record<string, string>;
}

/** A real service for a router to send traffic to. */
export interface Upstream {
  endpoint: Endpoint;
  /** Resolves once this many requests to `/hold` are waiting. */
  held(count: number): Promise<void>;
  /** Answers the requests that wait at `/hold`. */
  release(): void;
  /** How many requests it has begun to serve. */
  requests(): number;
  stop(): Promise<void>;
}

/**
 * - `/hold` sends the head and half of its body, then waits for {@link Upstream.release}
 * - `/fail` answers 500
 * - `/echo` streams the body of the request back
 * - an upgrade to WebSocket echoes each message, with the name in front
 * - anything else answers with what it saw, see {@link Seen}
 */
export async function startUpstream(name: string): Promise<Upstream> {
  const waiting = new Set<ServerResponse>();
  const watchers = new Set<() => void>();
  let requests = 0;
  const server = createServer((request, reply) => {
    requests += 1;
    reply.setHeader('x-upstream', name);
    if (request.url === '/hold') {
      reply.write(`${name} begins, `);
      waiting.add(reply);
      for (const tell of watchers) tell();
    } else if (request.url === '/fail') {
      reply.writeHead(500).end();
    } else if (request.url === '/echo') {
      request.pipe(reply);
    } else {
      reply.setHeader('content-type', 'application/json').end(JSON.stringify(seen(name, request)));
    }
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (message: Buffer) => socket.send(`${name}: ${message.toString()}`));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  return {
    endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    async held(count) {
      while (waiting.size < count) {
        await new Promise<void>((resolve) => {
          watchers.add(resolve);
        });
      }
    },
    release() {
      for (const reply of waiting) reply.end(`${name} ends`);
      waiting.clear();
    },
    requests: () => requests,
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function seen(upstream: string, request: IncomingMessage): Seen {
  return {
    upstream,
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers as Record<string, string>,
  };
}
