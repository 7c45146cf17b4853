import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { ServerResponse } from 'node:http';

/** The open connections of a server, so that they can be closed without cutting anybody off. */
export class Connections {
  /** With the number of HTTP/1.1 requests that are being answered on each. */
  readonly #sockets = new Map<Socket, number>();
  readonly #http2 = new WeakSet<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #waiting = new Set<() => void>();
  #closing = false;

  add(socket: Socket): void {
    this.#sockets.set(socket, 0);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) for (const tell of this.#waiting) tell();
    });
  }

  /** A connection that speaks HTTP/2 is closed by its session. */
  speaksHttp2(socket: Socket): void {
    this.#http2.add(socket);
  }

  addSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    if (this.#closing) session.close();
  }

  /** Counts an HTTP/1.1 request until it is answered. */
  busy(socket: Socket, response: ServerResponse): void {
    this.#sockets.set(socket, (this.#sockets.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (this.#sockets.get(socket) ?? 1) - 1;
      if (this.#sockets.has(socket)) this.#sockets.set(socket, left);
      if (this.#closing && left === 0) socket.destroySoon();
    });
  }

  /** Lets what is being answered be answered, and nothing else begin: GOAWAY, and no further HTTP/1.1 request. */
  close(): void {
    this.#closing = true;
    for (const session of this.#sessions) session.close();
    for (const [socket, requests] of this.#sockets) {
      if (requests === 0 && !this.#http2.has(socket)) socket.destroySoon();
    }
  }

  /** Returns once all are gone. */
  async gone(): Promise<void> {
    if (this.#sockets.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#waiting.add(() => resolve(undefined));
    await promise;
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets.keys()) socket.destroy();
  }
}
