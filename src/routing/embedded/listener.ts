import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Endpoint } from '../../domain/service/revision.ts';
import { ClientConnection } from './client-connection.ts';
import { type ClientPlace, dropForwarded } from './client-place.ts';
import type { Connections } from './connections.ts';
import { Exchange } from './exchange.ts';
import { LIMITS } from './limits.ts';
import type { PortListener } from './plane.ts';
import { probePort } from './probe-port.ts';
import { refuseConnection, sendRefusal } from './refusal.ts';
import type { ServiceTraffic } from './service-traffic.ts';
import { isForwardedUpgrade, switchOver } from './upgrade.ts';

/** Two listeners may have one port at addresses that overlap, so that a service moves from one to the other without a gap. */
const [MAJOR = 0, MINOR = 0] = process.versions.node.split('.').map(Number);
const CAN_SHARE = process.platform === 'linux' && (MAJOR > 23 || (MAJOR === 23 && MINOR >= 1));

/** The port of one service, served by this process. */
export class Listener implements PortListener {
  readonly #server: Server;
  readonly #traffic: ServiceTraffic;
  readonly #connections: Connections;
  readonly #place: ClientPlace;
  readonly #clients = new Map<Socket, ClientConnection>();
  readonly #untrusted = new WeakSet<Socket>();
  /** Every connection ends with its next answer. */
  #isLast = false;
  #cutsIdle = false;

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

  async open(port: number, isBeside = false): Promise<void> {
    const host = this.#place.listen;
    // Sharing is for listeners of one service alone, and only in the moment in which one takes the other's place.
    if (CAN_SHARE && !isBeside && port !== 0) await probePort(host, port);
    await once(this.#server.listen({ port, host, ...(CAN_SHARE ? { reusePort: true } : {}) }), 'listening');
  }

  get listen(): string {
    return this.#place.listen;
  }

  get address(): Endpoint {
    return { host: this.#place.host, port: (this.#server.address() as AddressInfo).port };
  }

  async close(isMoved = false): Promise<void> {
    this.#isLast = true;
    this.#cutsIdle ||= !isMoved;
    for (const client of this.#clients.values()) client.close();
    const ended = once(this.#server, 'close');
    // HTTP's own close ends idle connections, whose clients may be asking at this moment.
    if (isMoved) NetServer.prototype.close.call(this.#server);
    else this.#server.close();
    await ended;
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
    if (this.#isLast) client.close();
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
      reply.once('close', () => this.#cutsIdle && setImmediate(() => this.#server.closeIdleConnections()));
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
