import type { Fields } from './script.ts';

/** One message as it was read: what was on the line, not what it means. */
export interface Message {
  /** `GET / HTTP/1.1` or `HTTP/1.1 200 OK`, one character per byte. */
  line: string;
  fields: Fields;
  body: Buffer;
  trailers: Fields;
  /** Its end was read, as its framing says. */
  complete: boolean;
}

/** Says how the body of a message ends, by its head. */
export type FramingOf = (message: Message) => number | 'chunked' | 'close';

/**
 * Reads HTTP/1 messages from bytes in any pieces, without an opinion on them. It is the suite's own, so that no parser
 * under test reads its own output.
 */
export class MessageReader {
  readonly #framingOf: FramingOf;
  readonly #onHead: (message: Message) => void;
  readonly #onEnd: (message: Message) => void;
  #pending: Buffer = Buffer.alloc(0);
  #message: Message | undefined;
  #body: Buffer[] = [];
  #framing: number | 'chunked' | 'close' = 0;
  /** In a chunked body: what of the chunk is left, its end included, or what kind of line is next. */
  #left: number | 'size' | 'trailers' = 'size';
  /** From here on the bytes are no messages; they are kept in {@link raw}. */
  switched = false;
  raw: Buffer[] = [];

  constructor(framingOf: FramingOf, onHead: (message: Message) => void, onEnd: (message: Message) => void) {
    this.#framingOf = framingOf;
    this.#onHead = onHead;
    this.#onEnd = onEnd;
  }

  read(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length > 0 && this.#step());
  }

  /** The other side has ended. */
  end(): void {
    if (this.#message === undefined) return;
    if (this.#framing === 'close') this.#finish();
    else this.#hand(false);
  }

  /** @returns false when more bytes are needed */
  #step(): boolean {
    if (this.switched) {
      this.raw.push(this.#take(this.#pending.length));
      return true;
    }
    if (this.#message === undefined) return this.#readHead();
    if (this.#framing === 'chunked') return this.#readChunked();
    const size = this.#framing === 'close' ? this.#pending.length : Math.min(this.#framing, this.#pending.length);
    this.#body.push(this.#take(size));
    if (this.#framing !== 'close' && (this.#framing -= size) === 0) this.#finish();
    return true;
  }

  #readHead(): boolean {
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end === -1) return false;
    const [line = '', ...lines] = this.#take(end + 4)
      .toString('latin1')
      .slice(0, -4)
      .split('\r\n');
    const message = { line, fields: lines.map(fieldOf), body: Buffer.alloc(0), trailers: [], complete: false };
    this.#message = message;
    this.#body = [];
    this.#left = 'size';
    this.#framing = this.#framingOf(message);
    this.#onHead(message);
    if (this.#framing === 0) this.#finish();
    return true;
  }

  #readChunked(): boolean {
    if (typeof this.#left === 'number') {
      const size = Math.min(this.#left, this.#pending.length);
      const bytes = this.#take(size);
      // The last two bytes are the end of the line.
      this.#body.push(bytes.subarray(0, Math.max(0, size - Math.max(0, 2 - (this.#left - size)))));
      this.#left -= size;
      if (this.#left === 0) this.#left = 'size';
      return true;
    }
    const end = this.#pending.indexOf('\r\n');
    if (end === -1) return false;
    const line = this.#take(end + 2)
      .toString('latin1')
      .slice(0, -2);
    if (this.#left === 'size') {
      const size = Number.parseInt(line, 16);
      this.#left = size === 0 ? 'trailers' : size + 2;
    } else if (line === '') this.#finish();
    else this.#message?.trailers.push(fieldOf(line));
    return true;
  }

  #finish(): void {
    this.#hand(true);
  }

  #hand(complete: boolean): void {
    const message = this.#message!;
    this.#message = undefined;
    this.#onEnd(Object.assign(message, { body: Buffer.concat(this.#body), complete }));
  }

  #take(size: number): Buffer {
    const taken = this.#pending.subarray(0, size);
    this.#pending = this.#pending.subarray(size);
    return taken;
  }
}

export function valueOf({ fields }: Message, name: string): string | undefined {
  return fields.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')];
}
