import { type IncomingHttpHeaders, Agent, request as httpRequest } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { Code } from '@connectrpc/connect';

/** One request as its bytes. */
export interface Shot {
  version: '1.1' | '2';
  path: string;
  method: 'POST' | 'GET' | 'PUT';
  headers: Record<string, string>;
  body: Uint8Array;
}

/** What came back; `code` is gRPC's, undefined where HTTP alone answered. */
export interface Answer {
  status: number;
  code: number | undefined;
  text: string;
}

const COMPRESSED = 1;
const CONNECT_END = 2;
const GRPC_WEB_TRAILERS = 0x80;
const ENVELOPE_BYTES = 5;

/** How long one request may take, in milliseconds. Whatever takes longer hangs. */
export const LIMIT_MS = 5_000;

/** A message in an envelope, as gRPC, gRPC-Web and Connect's streams have it. */
export function envelope(message: Uint8Array, { flags = 0, length = message.length } = {}): Uint8Array {
  const framed = Buffer.alloc(ENVELOPE_BYTES + message.length);
  framed.writeUInt8(flags, 0);
  framed.writeUInt32BE(length, 1);
  framed.set(message, ENVELOPE_BYTES);
  return framed;
}

/** A client of one gateway that sends anything. */
export class Gun implements Disposable {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #session: ClientHttp2Session | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws Error when there is no answer, or none in time */
  async fire(shot: Shot): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => reject(new Error(`no answer within ${LIMIT_MS} ms`)), LIMIT_MS);
    if (shot.version === '1.1') this.#http1(shot, resolve, reject);
    else this.#http2(shot, resolve, reject);
    return promise.finally(() => clearTimeout(timer));
  }

  /** Bytes that may be no HTTP at all; returns once the server has hung up. */
  async raw(bytes: Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const socket = connectTcp(this.#port, '127.0.0.1');
    const timer = setTimeout(() => reject(new Error(`not hung up within ${LIMIT_MS} ms`)), LIMIT_MS);
    socket.on('error', () => undefined).on('data', () => undefined);
    socket.on('close', () => resolve(undefined));
    socket.end(bytes);
    await promise.finally(() => {
      clearTimeout(timer);
      socket.destroy();
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
    this.#session?.destroy();
  }

  #http1({ path, method, headers, body }: Shot, resolve: (answer: Answer) => void, reject: (error: Error) => void) {
    const options = { port: this.#port, host: '127.0.0.1', path, method, headers, agent: this.#agent };
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      const done = (): void => {
        resolve(read(response.statusCode ?? 0, { ...response.headers, ...response.trailers }, Buffer.concat(chunks)));
        if (!request.writableFinished) request.destroy();
      };
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      // A server may answer before it was sent everything, and hang up then.
      response.on('end', done).on('error', done);
    });
    request.on('error', reject);
    request.end(body);
  }

  #http2({ path, method, headers, body }: Shot, resolve: (answer: Answer) => void, reject: (error: Error) => void) {
    if (!this.#session || this.#session.destroyed || this.#session.closed) {
      this.#session = connect(`http://127.0.0.1:${this.#port}`, { maxSessionMemory: 1000 }).on(
        'error',
        () => undefined,
      );
    }
    const stream = this.#session.request({ ':path': path, ':method': method, ...headers }, { endStream: false });
    const all: IncomingHttpHeaders & { ':status'?: number | undefined } = {};
    const chunks: Buffer[] = [];
    stream.on('response', (head) => {
      Object.assign(all, head);
    });
    stream.on('trailers', (trailers) => {
      Object.assign(all, trailers);
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', (error: Error) => {
      if (all[':status'] === undefined) reject(error);
    });
    const done = (): void => {
      if (all[':status'] === undefined) reject(new Error('closed without an answer'));
      else resolve(read(all[':status'], all, Buffer.concat(chunks)));
      // What was not taken of a request is not sent any more once it is answered.
      if (!stream.writableFinished) stream.close();
    };
    stream.on('end', done).on('close', done);
    stream.end(body);
  }
}

function read(status: number, headers: IncomingHttpHeaders, body: Buffer): Answer {
  const type = headers['content-type'] ?? '';
  const text = `${String(headers['grpc-message'] ?? '')}${body.toString('latin1').slice(0, 500)}`;
  const told = headers['grpc-status'];
  if (typeof told === 'string') return { status, code: Number(told), text };
  if (type.startsWith('application/grpc-web')) return { status, code: webCode(body), text };
  if (type.startsWith('application/connect+')) return { status, code: connectEnd(body), text };
  if (status !== 200 && type.startsWith('application/json')) return { status, code: named(body.toString()), text };
  return { status, code: status === 200 ? 0 : undefined, text };
}

function webCode(body: Buffer): number | undefined {
  const trailers = last(body, GRPC_WEB_TRAILERS)?.toString();
  const found = /^grpc-status:\s*(\d+)/im.exec(trailers ?? '');
  return found ? Number(found[1]) : undefined;
}

function connectEnd(body: Buffer): number | undefined {
  const end = last(body, CONNECT_END);
  if (!end) return undefined;
  const { error } = JSON.parse(end.toString()) as { error?: unknown };
  return error === undefined ? 0 : named(JSON.stringify(error));
}

/** The number of the code that Connect names in lower case: `not_found`. */
function named(json: string): number {
  const { code = '' } = JSON.parse(json) as { code?: string };
  const name = code.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return (Code as unknown as Record<string, number>)[name.join('')] ?? Code.Unknown;
}

/** What the last envelope with these flags holds. */
function last(body: Buffer, flags: number): Buffer | undefined {
  for (let at = 0; at + ENVELOPE_BYTES <= body.length;) {
    const length = body.readUInt32BE(at + 1);
    if ((body[at]! & ~COMPRESSED) === flags) return body.subarray(at + ENVELOPE_BYTES, at + ENVELOPE_BYTES + length);
    at += ENVELOPE_BYTES + length;
  }
  return undefined;
}
