import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Endpoint } from '../../domain/service/revision.ts';
import { ClientConnection } from './client-connection.ts';
import { type ClientPlace, dropForwarded } from './client-place.ts';
import type { Connections } from './connections.ts';
import { Exchange } from './exchange.ts';
import { LIMITS } from './limits.ts';
import type { PortListener } from './plane.ts';
import { refuseConnection, sendRefusal } from './refusal.ts';
import type { ServiceTraffic } from './service-traffic.ts';
import { isForwardedUpgrade, switchOver } from './upgrade.ts';

/** The port of one service, served by this process. */
export class Listener implements PortListener {
  readonly #server: Server;
  readonly #traffic: ServiceTraffic;
  readonly #connections: Connections;
  readonly #place: ClientPlace;
  readonly #clients = new Map<Socket, ClientConnection>();
  readonly #untrusted = new WeakSet<Socket>();
  #closing = false;

  constructor(traffic: ServiceTraffic, connections: Connections, place: ClientPlace) {
    this.#traffic = traffic;
    this.#connections = connections;
    this.#place = place;
    const server = createServer({
      headersTimeout: LIMITS.requestHeadMs,
      requestTimeout: 0,
      keepAliveTimeout: LIMITS.clientIdleMs,
      maxHeaderSize: LIMITS.headBytes,
      shouldUpgradeCallback: isForwardedUpgrade,
    });
    this.#server = server;
    // All headers pass, or the request does not.
    server.maxHeadersCount = 0;
    // A client may shut down its writing side and still wait for its answer. Node knows how, and has no option for it.
    (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
    // Too many open files, for instance: that connection is lost, the router is not.
    server.on('error', (error) => console.error(`router: ${error.message}`));
    server.on('connection', (socket) => this.#welcome(socket));
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#refuse(error, socket));
    // What a client expects, `100-continue` or other, the service answers.
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      server.on(event, (request: IncomingMessage, reply: ServerResponse) => this.#answer(request, reply));
    }
    for (const event of ['upgrade', 'connect']) {
      server.on(event, (request: IncomingMessage, socket: Socket, head: Buffer) =>
        this.#upgrade(request, socket, head),
      );
    }
  }

  /** @param port 0 for a free one */
  async open(port: number): Promise<void> {
    await once(this.#server.listen(port, this.#place.listen), 'listening');
  }

  get address(): Endpoint {
    return { host: this.#place.host, port: (this.#server.address() as AddressInfo).port };
  }

  /** Frees the port at once and lets what is under way finish. Resolves when it has. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const client of this.#clients.values()) client.close();
    await once(this.#server.close(), 'close');
  }

  /** Cuts whatever is still under way. */
  cut(): void {
    for (const socket of this.#clients.keys()) socket.destroy();
  }

  #welcome(socket: Socket): void {
    const client = new ClientConnection(socket);
    this.#clients.set(socket, client);
    if (!this.#place.isTrusted(socket.remoteAddress)) this.#untrusted.add(socket);
    socket.once('close', () => this.#clients.delete(socket));
    if (this.#closing) client.close();
  }

  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    const client = this.#clients.get(socket);
    if (error.code === 'HPE_INVALID_EOF_STATE' && client?.breakOff()) return;
    refuseConnection(socket, error, client?.reply?.headersSent ?? false);
  }

  #answer(request: IncomingMessage, reply: ServerResponse): void {
    if (this.#untrusted.has(request.socket)) dropForwarded(request);
    this.#clients.get(request.socket)?.take(reply, () => {
      // An answer whose head was sent before the close could not tell its client not to come back.
      reply.once('close', () => this.#closing && setImmediate(() => this.#server.closeIdleConnections()));
      const target = this.#traffic.next(request.rawHeaders);
      if (!target) {
        // Its next request is to find who answers by then, if anybody does.
        reply.shouldKeepAlive = false;
        sendRefusal(reply, 503, this.#traffic.refusal);
        return undefined;
      }
      const exchange = new Exchange({ connections: this.#connections, target, request, reply });
      exchange.start();
      return exchange;
    });
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.#untrusted.has(socket)) dropForwarded(request);
    const target = this.#traffic.next(request.rawHeaders);
    switchOver({ connections: this.#connections, target, request, socket, head, refusal: this.#traffic.refusal });
  }
}
