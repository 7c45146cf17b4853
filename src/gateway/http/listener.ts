import { type RequestListener, createServer as createHttp1Server } from 'node:http';
import {
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerOptions,
  createSecureServer,
  createServer as createHttp2Server,
} from 'node:http2';
import { type AddressInfo, type Server, type Socket, createServer as createTcpServer } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { NodeRequest, NodeResponse } from './node-http.ts';
import { Connections } from './connections.ts';
import { type Keepalive, keepAlive } from './keepalive.ts';
import { sniffHttpVersion } from './sniff.ts';

export interface ListenOptions {
  host: string;
  /** 0 for a free one. */
  port: number;
  tls?: SecureServerOptions;
  keepalive: Keepalive;
}

type Handler = (request: NodeRequest, response: NodeResponse) => void;

/** Streams that one connection may have open at a time: more than a client's watches, less than a flood. */
const MOST_STREAMS = 1000;
const SETTINGS: ServerOptions = { settings: { maxConcurrentStreams: MOST_STREAMS }, maxSessionMemory: 64 };
/** TCP's own search for peers that are gone begins after this much silence, in milliseconds. */
const TCP_KEEPALIVE_MS = 30_000;

/** One port for HTTP/1.1 and HTTP/2. In the clear a connection's first bytes tell which; under TLS, ALPN does. */
export class Listener {
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #extra: (() => void)[] = [];

  private constructor(handler: Handler, { tls, keepalive }: ListenOptions) {
    const connections = new Connections();
    this.#connections = connections;
    const onRequest = counting(handler, connections);
    const onSession = (session: ServerHttp2Session): void => {
      connections.addSession(session);
      keepAlive(session, keepalive);
      // What a peer does wrong ends its session, and nothing else.
      session.on('error', () => session.destroy());
    };
    this.#server = tls ? secure(tls, onRequest, onSession) : this.#clear(onRequest, onSession);
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      connections.add(socket);
      if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') connections.speaksHttp2(socket);
    });
  }

  static async open(handler: Handler, options: ListenOptions): Promise<Listener> {
    const listener = new Listener(handler, options);
    const server = listener.#server;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port }, () => resolve(undefined));
    await promise;
    server.off('error', reject);
    return listener;
  }

  get address(): { host: string; port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  /** For the connections that follow. Without TLS there is nothing to trust. */
  trust(tls: Pick<SecureServerOptions, 'cert' | 'key' | 'ca'>): void {
    if (this.#server instanceof TlsServer) this.#server.setSecureContext(tls);
  }

  /** Takes no more connections and requests; returns once those there are over. */
  async drain(): Promise<void> {
    this.#server.close();
    this.#connections.close();
    await this.#connections.gone();
  }

  /** Cuts off those who are left. */
  destroy(): void {
    this.#connections.destroy();
    for (const end of this.#extra) end();
  }

  #clear(onRequest: Handler, onSession: (session: ServerHttp2Session) => void): Server {
    const http2 = createHttp2Server(SETTINGS, onRequest as never).on('session', onSession);
    const http1 = createHttp1Server(onRequest as RequestListener);
    // Its limits on slow requests begin with this event, which never comes by itself where somebody else listens.
    http1.emit('listening');
    this.#extra.push(() => http1.close());
    return createTcpServer((socket) => {
      sniffHttpVersion(socket, (version) => {
        if (version === 2) this.#connections.speaksHttp2(socket);
        if (version === undefined) socket.destroy();
        else (version === 2 ? http2 : http1).emit('connection', socket);
      });
    });
  }
}

function secure(
  tls: SecureServerOptions,
  onRequest: Handler,
  onSession: (session: ServerHttp2Session) => void,
): Server {
  return createSecureServer({ ...tls, ...SETTINGS, allowHTTP1: true }, onRequest as never).on('session', onSession);
}

function counting(handler: Handler, connections: Connections): Handler {
  return (request, response) => {
    if (request.httpVersionMajor === 1) connections.busy(request.socket, response);
    handler(request, response);
  };
}
