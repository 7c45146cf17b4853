import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * Stands between a client and Postgres and can lose the answer to a commit: the server gets it and carries it out, the
 * client's connection ends.
 */
export class CutProxy implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server;
  #cuts = 0;
  #cutsDone = 0;

  constructor(upstreamPort: number) {
    this.#server = createServer((client) => {
      const server = connect(upstreamPort, '127.0.0.1');
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      }
      let isCommitting = false;
      client.on('data', (chunk) => {
        // A simple query: its letter, its length, its text, a zero.
        isCommitting = chunk.toString('latin1').startsWith('Q\0\0\0\x0bcommit\0');
        server.write(chunk);
      });
      server.on('data', (chunk) => {
        if (!isCommitting || this.#cuts === 0) return void client.write(chunk);
        this.#cuts -= 1;
        this.#cutsDone += 1;
        client.destroy();
        server.destroy();
      });
      client.on('close', () => server.destroy());
      server.on('close', () => client.destroy());
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** The answers to the next `count` commits are lost. */
  loseAnswers(count: number): void {
    this.#cuts = count;
  }

  get lost(): number {
    return this.#cutsDone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }
}
