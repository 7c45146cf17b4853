import { type FlatHeaders, hasToken, isHopByHop, mayTrail, namedByConnection } from '../headers.ts';

/** How the end of a body is known (RFC 9112, 6.3). A number is its length in bytes. */
export type Framing = number | 'chunked' | 'close';

/** Status line and headers of one answer, final or informational. */
export interface AnswerHead {
  status: number;
  /** One character per byte, whatever the encoding was meant to be. */
  reason: string;
  /** What may pass a proxy, in the order and the letters of the service; `Trailer` is kept apart. */
  headers: FlatHeaders;
  /** The names that `Trailer` announces; undefined when it is absent. */
  announcedTrailers: string | undefined;
  /** The protocol that `Upgrade` offers. */
  upgrade: string | undefined;
  framing: Framing;
  /** By its version and its `Connection` header, the connection may carry another request afterwards. */
  persistent: boolean;
  /** For how many seconds the service keeps it, by its `Keep-Alive` header. */
  keepAliveSeconds: number | undefined;
}

/** What came from the endpoint is not an answer, or not one that can be passed on without guessing where it ends. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
  readonly code = 'MALFORMED_ANSWER';
}

const STATUS_LINE = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: (.*))?$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110, 5.5: all but visible characters, blanks, tabs and bytes from 0x80 on. */
const FORBIDDEN_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * @param text the head as latin1, one character per byte, up to and with the empty line at its end
 * @throws MalformedAnswerError
 */
export function parseAnswerHead(text: string): AnswerHead {
  const end = lineEnd(text, 0);
  const line = STATUS_LINE.exec(text.slice(0, end));
  if (!line || FORBIDDEN_IN_VALUE.test(line[3] ?? '')) {
    throw new MalformedAnswerError(`its answer begins with ${JSON.stringify(text.slice(0, Math.min(end, 80)))}`);
  }
  const minor = Number(line[1]);
  const fields = new Fields();
  eachField(text, text.indexOf('\n') + 1, (name, value) => fields.add(name, value));
  return fields.head(Number(line[2]), line[3] ?? '', minor);
}

/**
 * @param text lines as latin1, up to and with an empty one
 * @throws MalformedAnswerError
 */
export function parseTrailers(text: string): FlatHeaders {
  const kept: FlatHeaders = [];
  eachField(text, 0, (name, value) => {
    if (mayTrail(name.toLowerCase())) kept.push(name, value);
  });
  return kept;
}

/** Collects the fields of one head: what passes, and what decides on the connection. */
class Fields {
  #headers: FlatHeaders = [];
  #connection: string | undefined;
  #keepAlive: string | undefined;
  #coding: string | undefined;
  #length: number | undefined;
  #trailer: string | undefined;
  #upgrade: string | undefined;

  add(name: string, value: string): void {
    const lowerCase = name.toLowerCase();
    if (lowerCase === 'content-length') this.#addLength(name, value);
    else if (isHopByHop(lowerCase)) this.#addHopByHop(lowerCase, value);
    else this.#headers.push(name, value);
  }

  head(status: number, reason: string, minor: number): AnswerHead {
    const named = namedByConnection(this.#connection);
    const headers = this.#coding === undefined && named === undefined ? this.#headers : this.#without(named);
    const framing = this.#framing();
    const connection = this.#connection ?? '';
    const persistent = minor >= 1 ? !hasToken(connection, 'close') : hasToken(connection, 'keep-alive');
    return {
      status,
      reason,
      headers,
      announcedTrailers: this.#trailer,
      upgrade: this.#upgrade,
      framing,
      persistent,
      keepAliveSeconds: secondsOf(this.#keepAlive),
    };
  }

  /** The same length twice is one length (RFC 9112, 6.3); two lengths are an attack or a fault. */
  #addLength(name: string, value: string): void {
    for (const part of value.split(',')) {
      const digits = part.trim();
      const length = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
      if (!Number.isSafeInteger(length) || (this.#length ?? length) !== length) {
        throw new MalformedAnswerError(`its answer has the content-length ${JSON.stringify(value)}`);
      }
      if (this.#length === undefined) this.#headers.push(name, digits);
      this.#length = length;
    }
  }

  #addHopByHop(name: string, value: string): void {
    if (name === 'connection') this.#connection = listed(this.#connection, value);
    else if (name === 'transfer-encoding') this.#coding = listed(this.#coding, value);
    else if (name === 'trailer') this.#trailer = listed(this.#trailer, value);
    else if (name === 'upgrade') this.#upgrade = listed(this.#upgrade, value);
    else if (name === 'keep-alive') this.#keepAlive = value;
  }

  /** `Transfer-Encoding` overrides a length, which a proxy then removes (RFC 9112, 6.3). */
  #without(named: ReadonlySet<string> | undefined): FlatHeaders {
    const kept: FlatHeaders = [];
    for (let index = 0; index + 1 < this.#headers.length; index += 2) {
      const name = this.#headers[index] ?? '';
      const lowerCase = name.toLowerCase();
      if (named?.has(lowerCase) || (this.#coding !== undefined && lowerCase === 'content-length')) continue;
      kept.push(name, this.#headers[index + 1] ?? '');
    }
    return kept;
  }

  #framing(): Framing {
    if (this.#coding === undefined) return this.#length ?? 'close';
    if (this.#coding.toLowerCase() === 'chunked') return 'chunked';
    throw new MalformedAnswerError(`its answer has the transfer coding ${JSON.stringify(this.#coding)}, unasked`);
  }
}

/** Hands over names and values of the lines from `at` to the empty one. */
function eachField(text: string, at: number, take: (name: string, value: string) => void): void {
  let name: string | undefined;
  let value = '';
  for (let from = at; from < text.length; from = text.indexOf('\n', from) + 1) {
    const end = lineEnd(text, from);
    if (end === from) break;
    if (name !== undefined && isBlank(text.charCodeAt(from))) {
      // A line that goes on in the next one: a proxy joins them by a blank (RFC 9112, 5.2).
      value = `${value} ${trimmed(text, from, end)}`;
      continue;
    }
    if (name !== undefined) take(name, checked(name, value));
    const colon = text.indexOf(':', from);
    name = colon === -1 || colon > end ? '' : nameOf(text, from, colon);
    if (!TOKEN.test(name)) {
      throw new MalformedAnswerError(
        `its answer has the line ${JSON.stringify(text.slice(from, Math.min(end, from + 80)))}`,
      );
    }
    value = trimmed(text, colon + 1, end);
  }
  if (name !== undefined) take(name, checked(name, value));
}

/** A blank before the colon is removed from answers (RFC 9112, 5.1), one at the beginning is no part of a name. */
function nameOf(text: string, from: number, colon: number): string {
  let end = colon;
  while (end > from && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(from, end);
}

function checked(name: string, value: string): string {
  if (!FORBIDDEN_IN_VALUE.test(value)) return value;
  throw new MalformedAnswerError(`its answer has a control character in ${name}`);
}

/** Where the line ends, less its CR: a lone LF is taken for an end too (RFC 9112, 2.2). */
function lineEnd(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline > from && text.charCodeAt(newline - 1) === 13 ? newline - 1 : newline;
}

/** Without blanks and tabs at its ends; `trim` would take away bytes like 0xa0 too. */
function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function listed(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

function secondsOf(keepAlive: string | undefined): number | undefined {
  const seconds = keepAlive === undefined ? undefined : /(?:^|[\s,;])timeout=(\d+)/i.exec(keepAlive)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
