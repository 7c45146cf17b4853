import type { IncomingMessage } from 'node:http';
import type { EndpointConnection } from './endpoint-connection.ts';
import { type BodyKind, buildLastChunk } from './http1/request-head.ts';

/** The body of a request on its way to the endpoint, no faster than that reads. */
export class Upload {
  readonly #request: IncomingMessage;
  readonly #onEnd: (last: string | undefined) => void;
  #connection: EndpointConnection | undefined;
  #breaksOff = false;

  /** @param onEnd told when the body has been written, less what ends it on the wire; undefined where it broke off */
  constructor(
    request: IncomingMessage,
    kind: BodyKind,
    connection: EndpointConnection,
    onEnd: (last: string | undefined) => void,
  ) {
    this.#request = request;
    this.#connection = connection;
    this.#onEnd = onEnd;
    request.on('data', (bytes: Buffer) => {
      const to = this.#connection;
      if (to === undefined) return;
      const more = kind === 'chunked' ? to.writeChunk(bytes) : to.write(bytes);
      if (!more) request.pause();
      this.#endIfBroken();
    });
    request.once('end', () => {
      if (this.#connection !== undefined) onEnd(kind === 'chunked' ? buildLastChunk(request.rawTrailers) : '');
    });
  }

  /** Nothing more comes of it than what has come, and that is not all. Node says so to nobody. */
  breakOff(): void {
    this.#breaksOff = true;
    this.#endIfBroken();
  }

  resume(): void {
    this.#request.resume();
  }

  /** Nobody reads it any more. What still comes is thrown away, so that the client's connection can go on. */
  discard(): void {
    this.#connection = undefined;
    this.#request.resume();
  }

  #endIfBroken(): void {
    if (this.#breaksOff && this.#connection !== undefined && this.#request.readableLength === 0) this.#onEnd(undefined);
  }
}
