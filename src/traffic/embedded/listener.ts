import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Endpoint } from '../../domain/revision.ts';
import type { Connections } from './connections.ts';
import { forward } from './exchange.ts';
import { codeOf } from './faults.ts';
import { LIMITS } from './limits.ts';
import { refuse } from './refusal.ts';
import type { ServiceTraffic } from './service-traffic.ts';
import { forwardUpgrade, isForwardedUpgrade } from './upgrade.ts';

const HOST = '127.0.0.1';
const NOBODY = 'no revision takes traffic for this service';

/** The port of one service, where its clients connect. */
export class Listener {
  readonly #server: Server;
  readonly #traffic: ServiceTraffic;
  readonly #connections: Connections;
  readonly #replies = new Set<ServerResponse>();
  readonly #upgraded = new Set<Socket>();
  #closing = false;

  constructor(traffic: ServiceTraffic, connections: Connections) {
    this.#traffic = traffic;
    this.#connections = connections;
    this.#server = createServer(
      {
        headersTimeout: LIMITS.requestHeadMs,
        requestTimeout: 0,
        keepAliveTimeout: LIMITS.clientIdleMs,
        shouldUpgradeCallback: isForwardedUpgrade,
      },
      (request, reply) => this.#answer(request, reply),
    );
    // Too many open files, for instance: that connection is lost, the router is not.
    this.#server.on('error', (error) => console.error(`router: ${error.message}`));
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  /** Listens on the preferred port, or where that is taken, forbidden or not given, on a free one. */
  async open(preferred: number | undefined): Promise<void> {
    try {
      await listen(this.#server, preferred ?? 0);
    } catch (error) {
      if (!preferred || !['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'].includes(codeOf(error))) throw error;
      await listen(this.#server, 0);
    }
  }

  get address(): Endpoint {
    return { host: HOST, port: (this.#server.address() as AddressInfo).port };
  }

  /** Frees the port at once and lets what is under way finish. Resolves when it has. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const reply of this.#replies) reply.shouldKeepAlive = false;
    await once(this.#server.close(), 'close');
  }

  /** Cuts whatever is still under way. */
  cut(): void {
    this.#server.closeAllConnections();
    for (const socket of this.#upgraded) socket.destroy();
  }

  #answer(request: IncomingMessage, reply: ServerResponse): void {
    this.#replies.add(reply);
    reply.once('close', () => this.#over(reply));
    if (this.#closing) reply.shouldKeepAlive = false;
    const target = this.#traffic.next();
    if (target) forward(this.#connections, target, request, reply);
    else refuse(reply, 503, NOBODY);
  }

  #over(reply: ServerResponse): void {
    this.#replies.delete(reply);
    // An answer whose head was sent before the close could not tell its client not to come back.
    if (this.#closing) setImmediate(() => this.#server.closeIdleConnections());
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
    const target = this.#traffic.next();
    if (target) forwardUpgrade(target, request, socket, head);
    else {
      socket.on('error', () => socket.destroy());
      socket.end(`HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n`);
    }
  }
}

async function listen(server: Server, port: number): Promise<void> {
  await once(server.listen(port, HOST), 'listening');
}
