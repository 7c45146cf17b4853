import type { FlatHeaders } from '../headers.ts';
import { LIMITS } from '../limits.ts';
import { type AnswerHead, MalformedAnswerError, parseAnswerHead } from './answer-head.ts';
import { ChunkDecoder } from './chunk-decoder.ts';

/** Who is told what an answer consists of, in the order in which it comes. */
export interface AnswerListener {
  /** 1xx, any number of times before the head. */
  onInformation(head: AnswerHead): void;
  onHead(head: AnswerHead): void;
  /** @param last nothing but the end follows, and at once */
  onData(data: Buffer, last: boolean): void;
  onEnd(trailers: FlatHeaders): void;
  /** The connection is no longer HTTP: what follows, `rest` first, belongs to the one who asked for it. */
  onSwitch(head: AnswerHead, rest: Buffer): void;
}

/** What of a request decides how its answer is read. */
export interface Question {
  method: string;
  /** It asked for another protocol. */
  upgrade: boolean;
}

const NONE: FlatHeaders = [];
const NOTHING = Buffer.alloc(0);

/**
 * Reads the answers of one connection, one after the other. It is ours, since Node's own client and Undici each hide
 * something that has to pass: the bytes of a reason phrase, informational answers, trailers as they were sent.
 */
export class AnswerParser {
  #listener: AnswerListener | undefined;
  #question: Question = { method: 'GET', upgrade: false };
  /** The beginning of a head of which the end has not come yet. */
  #pending: Buffer = NOTHING;
  /** The head is over, the body is not. */
  #inBody = false;
  /** Of a body of known length, what is still to come. */
  #left = 0;
  #chunks: ChunkDecoder | undefined;
  #untilClose = false;
  /** Some part of the present answer has come. */
  begun = false;

  /** From here on `listener` is told, until its answer has ended. */
  expect(question: Question, listener: AnswerListener): void {
    this.#question = question;
    this.#listener = listener;
    this.begun = false;
  }

  /** The head of an answer has come, and its body has not ended. */
  get inBody(): boolean {
    return this.#inBody;
  }

  /** @throws MalformedAnswerError */
  read(bytes: Buffer): void {
    let at = 0;
    this.begun = true;
    while (at < bytes.length && this.#listener !== undefined) {
      at = this.#inBody ? this.#readBody(bytes, at, this.#listener) : this.#readHead(bytes, at, this.#listener);
    }
    if (at < bytes.length) throw new MalformedAnswerError('it sent more than was asked for');
  }

  /** The endpoint sends no more. True when that is how the answer ends. */
  endWithConnection(): boolean {
    if (!this.#untilClose) return false;
    this.#end(NONE);
    return true;
  }

  #readHead(bytes: Buffer, at: number, listener: AnswerListener): number {
    const before = this.#pending.length;
    const all = before === 0 ? bytes : Buffer.concat([this.#pending, bytes.subarray(at)]);
    const from = before === 0 ? at : 0;
    const end = headEnd(all, Math.max(from, before - 3));
    if ((end ?? all.length) - from > LIMITS.headBytes) {
      throw new MalformedAnswerError(`the head of its answer exceeds ${LIMITS.headBytes} bytes`);
    }
    if (end === undefined) {
      this.#pending = before === 0 ? bytes.subarray(at) : all;
      return bytes.length;
    }
    this.#pending = NOTHING;
    const next = before === 0 ? end : at + end - before;
    return this.#begin(parseAnswerHead(all.toString('latin1', from, end)), bytes, next, listener);
  }

  #begin(head: AnswerHead, bytes: Buffer, next: number, listener: AnswerListener): number {
    const { status } = head;
    const { method, upgrade } = this.#question;
    if (status === 101 && !upgrade) throw new MalformedAnswerError('it changes protocols, unasked');
    if (status === 101 || (method === 'CONNECT' && status >= 200 && status < 300)) {
      this.#listener = undefined;
      listener.onSwitch(head, bytes.subarray(next));
      return bytes.length;
    }
    if (status < 200) {
      listener.onInformation(head);
      return next;
    }
    if (method === 'HEAD' || status === 204 || status === 304) {
      // What `content-length` says here is about another answer.
      head.framing = 0;
    }
    this.#inBody = true;
    this.#untilClose = head.framing === 'close';
    this.#left = typeof head.framing === 'number' ? head.framing : Infinity;
    this.#chunks = head.framing === 'chunked' ? new ChunkDecoder((data) => listener.onData(data, false)) : undefined;
    listener.onHead(head);
    if (head.framing === 0) this.#end(NONE);
    return next;
  }

  #readBody(bytes: Buffer, at: number, listener: AnswerListener): number {
    if (this.#chunks) {
      const taken = this.#chunks.decode(bytes, at);
      if (this.#chunks.trailers) this.#end(this.#chunks.trailers);
      return at + taken;
    }
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    const last = this.#left === 0;
    listener.onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end), last);
    if (last) this.#end(NONE);
    return end;
  }

  #end(trailers: FlatHeaders): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#inBody = false;
    this.#untilClose = false;
    this.#chunks = undefined;
    listener?.onEnd(trailers);
  }
}

/** The index after the empty line that ends a head; lone LFs count as ends of lines (RFC 9112, 2.2). */
function headEnd(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(10, from); at !== -1; at = bytes.indexOf(10, at + 1)) {
    const next = bytes[at + 1];
    if (next === 10) return at + 2;
    if (next === 13 && bytes[at + 2] === 10) return at + 3;
  }
  return undefined;
}
