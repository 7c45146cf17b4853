import { Socket } from 'node:net';

type Done = (error?: Error | null) => void;
interface Piece {
  chunk: unknown;
  encoding: BufferEncoding;
}

/**
 * A connection to an endpoint that outlives the end of its writing side. A service may answer and close before it has
 * read the whole request; the next write fails then, and Node would throw away the socket with the answer in it.
 */
export class EndpointSocket extends Socket {
  /** Why nothing more can be written. What is written from then on is thrown away. */
  writeError: Error | undefined;

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    if (this.writeError) done();
    else super._write(chunk, encoding, this.#tolerant(done));
  }

  override _writev(pieces: Piece[], done: Done): void {
    if (this.writeError) done();
    else super._writev?.(pieces, this.#tolerant(done));
  }

  #tolerant(done: Done): Done {
    return (error) => {
      if (error && !this.destroyed) {
        this.writeError = error;
        done();
      } else done(error);
    };
  }
}
