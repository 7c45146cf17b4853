import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connections } from './connections.ts';
import type { ConnectionUser, EndpointConnection } from './endpoint-connection.ts';
import type { EndpointSocket } from './endpoint-socket.ts';
import { ConnectError, isLost, messageOf, statusOf } from './faults.ts';
import type { FlatHeaders } from './headers.ts';
import type { AnswerHead } from './http1/answer-head.ts';
import { RefusedRequestError, type RequestHead, buildRequestHead } from './http1/request-head.ts';
import { lingerUntilRead } from './linger.ts';
import { sendRefusal } from './refusal.ts';
import { RequestOutcome } from './request-outcome.ts';
import type { Target } from './target.ts';
import { Upload } from './upload.ts';

/** Methods whose repetition does no harm (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

const NOTHING = Buffer.alloc(0);

/** Takes over once an endpoint agreed to speak another protocol; undefined where none was asked for. */
export type SwitchHandler = (head: AnswerHead, rest: Buffer, endpoint: EndpointSocket) => void;

/** What an exchange consists of. */
export interface ExchangeParts {
  connections: Connections;
  target: Target;
  request: IncomingMessage;
  reply: ServerResponse;
  /** Another protocol is asked for. */
  onSwitch?: SwitchHandler;
}

/**
 * One request to its target and its answer back, both streamed and at the same time. It counts as in flight until the
 * client has all of its answer and the endpoint has all of the request, or either of them has gone.
 */
export class Exchange implements ConnectionUser {
  readonly #connections: Connections;
  readonly #target: Target;
  readonly #request: IncomingMessage;
  readonly #reply: ServerResponse;
  readonly #switch: SwitchHandler | undefined;
  readonly #turn: number;
  readonly #outcome: RequestOutcome;
  /** How many endpoints were asked in vain, with nothing sent. */
  #refusals = 0;
  /** A connection that was used before will do: should it be lost, nothing is if the request is sent once more. */
  #mayReuse: boolean;
  #head: RequestHead = { text: '', body: 'none' };
  #connection: EndpointConnection | undefined;
  #upload: Upload | undefined;
  #requestIsSent = false;
  #headIsUnsent = false;
  #clientHasEnded = false;
  #replyIsClosed = false;
  #over = false;

  constructor({ connections, target, request, reply, onSwitch }: ExchangeParts) {
    this.#connections = connections;
    this.#target = target;
    this.#request = request;
    this.#reply = reply;
    this.#switch = onSwitch;
    this.#turn = target.nextTurn();
    this.#outcome = new RequestOutcome(target.count.series);
    this.#mayReuse = IDEMPOTENT.has(request.method ?? '') && onSwitch === undefined;
  }

  start(): void {
    this.#target.count.begin();
    this.#reply.once('close', () => this.#closeReply());
    this.#attempt();
  }

  /** The client sends nothing more after this request. The endpoint is to know, as it would without a router. */
  endClient(): void {
    this.#clientHasEnded = true;
    if (this.#requestIsSent) this.#connection?.endWriting();
    else this.#breakOffIfIncomplete();
  }

  /** Once another protocol is spoken, anyone who speaks it says when that is over. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#target.count.end();
  }

  onReady(connection: EndpointConnection): void {
    this.#connection = connection;
    const { text, body } = this.#head;
    connection.ask({ method: this.#request.method ?? 'GET', upgrade: this.#switch !== undefined }, text);
    if (body === 'none') this.#endUpload('');
    else {
      connection.waitForRequest();
      this.#upload = new Upload(this.#request, body, connection, (last) => this.#endUpload(last));
      this.#breakOffIfIncomplete();
    }
  }

  onInformation({ status, headers }: AnswerHead): void {
    if (this.#request.httpVersionMinor === 0 || this.#reply.headersSent) return;
    if (status === 100 && headers.length === 0) this.#reply.writeContinue();
    else this.#reply.writeInformation(status, headers);
  }

  onHead(head: AnswerHead): void {
    const { status, reason, headers, announcedTrailers } = head;
    this.#outcome.answer(status);
    // The endpoint will not read the rest of the request. A client that hears of it need not send it.
    if (!head.persistent && this.#isUploading()) this.#reply.shouldKeepAlive = false;
    if (announcedTrailers !== undefined && head.framing === 'chunked' && this.#request.httpVersionMinor > 0) {
      headers.push('Trailer', announcedTrailers);
    }
    this.#reply.writeHead(status, reason, headers);
    this.#headIsUnsent = true;
  }

  onData(data: Buffer, last: boolean): void {
    this.#headIsUnsent = false;
    if (last) {
      this.#endReply(data);
      return;
    }
    const connection = this.#connection;
    if (this.#reply.write(data) || connection === undefined) return;
    connection.pause();
    this.#reply.once('drain', () => {
      if (this.#connection === connection) connection.resume();
    });
  }

  onEnd(trailers: FlatHeaders): void {
    this.#headIsUnsent = false;
    if (trailers.length > 0 && this.#reply.chunkedEncoding) this.#reply.addTrailers(pairsOf(trailers));
    this.#endReply();
  }

  onPause(): void {
    if (!this.#headIsUnsent) return;
    this.#headIsUnsent = false;
    // `flushHeaders` would write the head as UTF-8.
    this.#reply.write(NOTHING);
  }

  onDrain(): void {
    this.#upload?.resume();
  }

  onRelease(): void {
    this.#connection = undefined;
    this.#upload?.discard();
    this.#endIfOver();
  }

  onSwitch(head: AnswerHead, rest: Buffer, endpoint: EndpointSocket): void {
    this.#connection = undefined;
    this.#outcome.answer(head.status);
    this.#switch?.(head, rest, endpoint);
  }

  onFailure(error: Error): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (error instanceof ConnectError && this.#refusals + 1 < this.#target.size && !this.#replyIsClosed) {
      this.#refusals += 1;
      this.#attempt();
      return;
    }
    const unanswered = connection?.answerBegun !== true;
    if (connection?.reused && unanswered && this.#head.body === 'none' && isLost(error)) {
      // A service may close an idle connection just as a request sets out on it.
      this.#mayReuse = false;
      this.#attempt();
      return;
    }
    this.#upload?.discard();
    // A service that gives up on a client that has sent its last byte does not fail: it takes the client to be gone.
    if (this.#clientHasEnded && unanswered && isLost(error)) this.#reply.destroy();
    else this.#fail(statusOf(error), messageOf(this.#target.revision, error));
    this.#endIfOver();
  }

  #attempt(): void {
    this.#requestIsSent = false;
    const upstream = this.#target.upstreamAt(this.#turn + this.#refusals);
    try {
      this.#head = buildRequestHead(this.#request, upstream.authority, this.#switch !== undefined);
    } catch (error) {
      if (!(error instanceof RefusedRequestError)) throw error;
      this.#outcome.refuse();
      this.#answer(error.status, error.message);
      return;
    }
    const reuse = this.#mayReuse && this.#head.body === 'none';
    this.#connection = this.#connections.connect(upstream, this, reuse);
  }

  #breakOffIfIncomplete(): void {
    if (this.#clientHasEnded && !this.#request.complete) this.#upload?.breakOff();
  }

  #endUpload(last: string | undefined): void {
    this.#requestIsSent = true;
    this.#connection?.waitForAnswer();
    // A request that broke off must not look complete, nor may another one follow it.
    if (last === undefined) this.#connection?.endWriting();
    this.#connection?.endRequest(last);
    if (this.#clientHasEnded) this.#connection?.endWriting();
  }

  #endReply(data?: Buffer): void {
    if (this.#isUploading()) lingerUntilRead(this.#request);
    this.#reply.end(data);
  }

  /** The endpoint did not answer, or not to the end. */
  #fail(status: number, message: string): void {
    this.#target.count.failed += 1;
    this.#outcome.fail();
    if (this.#reply.headersSent) this.#reply.destroy();
    else this.#answer(status, message);
  }

  /** Answers in the router's own name. */
  #answer(status: number, message: string): void {
    if (this.#isUploading()) {
      this.#reply.shouldKeepAlive = false;
      lingerUntilRead(this.#request);
    }
    sendRefusal(this.#reply, status, message);
  }

  #isUploading(): boolean {
    return this.#head.body !== 'none' && !this.#request.complete;
  }

  #closeReply(): void {
    this.#replyIsClosed = true;
    this.#outcome.leave();
    if (!this.#reply.writableFinished) {
      this.#connection?.destroy();
      this.#connection = undefined;
    }
    this.#endIfOver();
  }

  #endIfOver(): void {
    if (this.#replyIsClosed && this.#connection === undefined) this.end();
  }
}

function pairsOf(headers: FlatHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < headers.length; index += 2)
    pairs.push([headers[index] ?? '', headers[index + 1] ?? '']);
  return pairs;
}
