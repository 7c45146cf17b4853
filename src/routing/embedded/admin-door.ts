import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { type Server, type Socket, createServer as createTcpServer } from 'node:net';
import { createSecureContext } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { type AdminAccess, readTokens } from './admin-access.ts';
import { createAdminHandler } from './admin-server.ts';
import { LIMITS } from './limits.ts';
import type { RouteTable } from './route-table.ts';

/** How a router takes orders over the network. */
export interface AdminDoorOptions extends AdminAccess {
  listen: { host: string; port: number };
  /** PEM files. */
  certFile: string;
  keyFile: string;
  /** The authority of clients' certificates, PEM; without it only tokens let in. */
  clientCaFile?: string | undefined;
}

/** How a connection of TLS begins: the type of its first record, a handshake (RFC 8446, 5.1). */
const HANDSHAKE = 0x16;

const IN_THE_CLEAR = JSON.stringify({
  error: { name: 'MalformedRequest', message: 'this port speaks TLS: use https' },
});

/** The admin plane over TLS, for workers and gateways of other machines. */
export class AdminDoor {
  readonly #options: AdminDoorOptions;
  readonly #front: Server;
  readonly #secure: SecureServer;
  readonly #sockets = new Set<Socket>();
  #pair: Pair;
  /** What keeps renewed certificates from being taken up, once it was said. */
  #complaint = '';

  private constructor(table: RouteTable, options: AdminDoorOptions, pair: Pair) {
    this.#options = options;
    this.#pair = pair;
    this.#secure = createSecureServer(
      // Who shows no certificate, or a wrong one, is told so by the answer to what it asks.
      { ...pair, minVersion: 'TLSv1.2', requestCert: options.clientCaFile !== undefined, rejectUnauthorized: false },
      createAdminHandler(table, options),
    );
    // Clients keep one connection for as long as they live.
    this.#secure.keepAliveTimeout = 0;
    // A peer that ends the handshake has its reasons; it says them where it is.
    this.#secure.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#front = createTcpServer((socket) => this.#welcome(socket));
  }

  /** @throws Error fit to show when a file cannot be used, or the address cannot be had */
  static async open(table: RouteTable, options: AdminDoorOptions): Promise<AdminDoor> {
    if (options.tokenFile !== undefined) readTokens(options.tokenFile);
    const door = new AdminDoor(table, options, await readPair(options));
    await once(door.#front.listen(options.listen), 'listening');
    door.#front.on('error', (error) => console.error(`router: ${error.message}`));
    return door;
  }

  get port(): number {
    const address = this.#front.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Takes up renewed certificates. Those before stay where the new ones cannot be used, which is said once. */
  async refresh(): Promise<void> {
    try {
      const pair = await readPair(this.#options);
      if (!isDeepStrictEqual(pair, this.#pair)) this.#secure.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
      this.#pair = pair;
      this.#complaint = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#complaint) console.error(`router: renewed certificates cannot be used: ${message}`);
      this.#complaint = message;
    }
  }

  close(): void {
    this.#front.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setKeepAlive(true, LIMITS.adminKeepaliveMs);
    const drop = (): void => void socket.destroy();
    socket.setTimeout(LIMITS.connectMs, drop);
    socket.once('readable', () => {
      socket.setTimeout(0, drop);
      const begun = socket.read() as Buffer | null;
      if (begun === null) return;
      if (begun[0] !== HANDSHAKE) {
        refuseInTheClear(socket);
        return;
      }
      socket.unshift(begun);
      this.#secure.emit('connection', socket);
    });
  }
}

interface Pair {
  cert: Buffer;
  key: Buffer;
  ca?: Buffer;
}

async function readPair({ certFile, keyFile, clientCaFile }: AdminDoorOptions): Promise<Pair> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  const pair = clientCaFile === undefined ? { cert, key } : { cert, key, ca: await readFile(clientCaFile) };
  try {
    createSecureContext(pair);
  } catch (error) {
    // OpenSSL's own words name no file.
    const ca = clientCaFile === undefined ? '' : `, ${clientCaFile} a certificate`;
    const wanted = `${certFile} has to hold a certificate, ${keyFile} its key${ca}, all PEM`;
    throw new Error(`${wanted}: ${(error as Error).message}`, { cause: error });
  }
  return pair;
}

function refuseInTheClear(socket: Socket): void {
  const head = [
    'HTTP/1.1 400 Bad Request',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(IN_THE_CLEAR)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${IN_THE_CLEAR}`);
}
