import type { FlatHeaders } from '../headers.ts';
import { MalformedAnswerError, parseTrailers } from './answer-head.ts';

/** What a chunk's size and extensions may take, and what the trailers may, in bytes. */
const MAX_LINE_BYTES = 16 * 1024;
const MAX_TRAILER_BYTES = 64 * 1024;

type State = 'size' | 'data' | 'data end' | 'trailers';

/** Takes chunked transfer coding (RFC 9112, 7.1) from a body that arrives in any pieces. */
export class ChunkDecoder {
  readonly #onData: (data: Buffer) => void;
  #state: State = 'size';
  /** What is left of the chunk. */
  #left = 0;
  /** A line of which only the beginning has come. */
  #line = '';
  #trailers = '';
  /** Set once the body has ended. */
  trailers: FlatHeaders | undefined;

  constructor(onData: (data: Buffer) => void) {
    this.#onData = onData;
  }

  /**
   * @returns how many bytes from `at` on belong to this body: all of them, unless it ended
   * @throws MalformedAnswerError
   */
  decode(bytes: Buffer, at: number): number {
    let position = at;
    while (position < bytes.length && this.trailers === undefined) {
      if (this.#state === 'data') position = this.#takeData(bytes, position);
      else position = this.#takeLine(bytes, position);
    }
    return position - at;
  }

  #takeData(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = 'data end';
    this.#onData(bytes.subarray(at, end));
    return end;
  }

  #takeLine(bytes: Buffer, at: number): number {
    const newline = bytes.indexOf(10, at);
    const end = newline === -1 ? bytes.length : newline + 1;
    this.#line += bytes.toString('latin1', at, end);
    const limit = this.#state === 'trailers' ? MAX_TRAILER_BYTES - this.#trailers.length : MAX_LINE_BYTES;
    if (this.#line.length > limit) throw new MalformedAnswerError('its answer has chunk lines or trailers without end');
    if (newline === -1) return end;
    const line = this.#line;
    this.#line = '';
    this.#endLine(line, line.endsWith('\r\n') ? line.slice(0, -2) : line.slice(0, -1));
    return end;
  }

  #endLine(whole: string, line: string): void {
    if (this.#state === 'size') {
      this.#left = sizeOf(line);
      this.#state = this.#left === 0 ? 'trailers' : 'data';
    } else if (this.#state === 'data end') {
      if (line !== '') throw new MalformedAnswerError('its answer has a chunk that is longer than it says');
      this.#state = 'size';
    } else {
      this.#trailers += whole;
      if (line === '') this.trailers = this.#trailers === whole ? [] : parseTrailers(this.#trailers);
    }
  }
}

function sizeOf(line: string): number {
  const digits = /^([0-9a-f]{1,16})[\t ]*(?:;.*)?$/i.exec(line)?.[1];
  const size = digits === undefined ? Number.NaN : Number.parseInt(digits, 16);
  if (Number.isSafeInteger(size)) return size;
  throw new MalformedAnswerError(`its answer has the chunk size ${JSON.stringify(line.slice(0, 80))}`);
}
