import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Exchange } from './exchange.ts';

interface Turn {
  reply: ServerResponse;
  begin: () => Exchange | undefined;
}

/**
 * One client's connection. Requests that it sends without waiting for answers are carried out one after the other: on
 * connections of their own they could overtake each other (RFC 9112, 9.3.2).
 */
export class ClientConnection {
  readonly socket: Socket;
  readonly #waiting: Turn[] = [];
  #current: { reply: ServerResponse; exchange: Exchange | undefined } | undefined;
  #hasEnded = false;
  #isLast = false;
  #latest: IncomingMessage | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.once('end', () => {
      this.#hasEnded = true;
      const last = this.#last;
      if (last) last.reply.shouldKeepAlive = false;
      this.#current?.exchange?.endClient();
    });
  }

  /** The answer that is due now. */
  get reply(): ServerResponse | undefined {
    return this.#current?.reply;
  }

  /** Begins an exchange, at once or when those before it have been answered. */
  take(reply: ServerResponse, begin: () => Exchange | undefined): void {
    this.#latest = reply.req;
    if (this.#isLast) reply.shouldKeepAlive = false;
    if (this.#current) this.#waiting.push({ reply, begin });
    else this.#begin({ reply, begin });
  }

  /**
   * Its client has shut down its writing side in the middle of a request. Without the router the service would see just
   * that, and might answer all the same: see {@link Exchange.endClient}.
   *
   * @returns false when there is nothing that could be answered, or has been
   */
  breakOff(): boolean {
    if (this.#current === undefined) {
      if (this.#latest?.complete !== false) return false;
      this.socket.destroySoon();
    }
    return true;
  }

  /** What is under way is answered; then the connection ends. */
  close(): void {
    this.#isLast = true;
    for (const turn of this.#current ? [this.#current, ...this.#waiting] : []) turn.reply.shouldKeepAlive = false;
  }

  get #last(): { reply: ServerResponse } | undefined {
    return this.#waiting.at(-1) ?? this.#current;
  }

  #begin({ reply, begin }: Turn): void {
    const current = { reply, exchange: undefined as Exchange | undefined };
    this.#current = current;
    reply.once('close', () => this.#next());
    current.exchange = begin();
    if (this.#hasEnded) current.exchange?.endClient();
  }

  #next(): void {
    this.#current = undefined;
    const turn = this.#waiting.shift();
    if (turn && !this.socket.destroyed) this.#begin(turn);
    // The head of the last answer may have been sent before its client shut down.
    else if (this.#hasEnded) this.socket.destroySoon();
  }
}
