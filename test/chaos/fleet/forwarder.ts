import { type Server, type Socket, connect, createServer } from 'node:net';

/**
 * Has a port of loopback served at another address, too. Temporal's development server needs it: where it listens anywhere but
 * on loopback, its own parts do not find one another.
 */
export class Forwarder {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number) {
    this.#server = createServer((client) => this.#forward(client, connect(port, '127.0.0.1')));
  }

  static async open(address: string, port: number, to: number): Promise<Forwarder> {
    const forwarder = new Forwarder(to);
    await new Promise<void>((resolve, reject) => {
      forwarder.#server.once('error', reject);
      forwarder.#server.listen(port, address, resolve);
    });
    return forwarder;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The end of one is the end of the other. */
  #forward(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
