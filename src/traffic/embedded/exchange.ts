import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Connections } from './connections.ts';
import { clientFault, mayBeRepeated, messageOf, statusOf } from './faults.ts';
import { answerHeaders, type FlatHeaders, requestHeaders } from './headers.ts';
import { refuse } from './refusal.ts';
import type { Target, Upstream } from './target.ts';

/** Methods whose repetition does no harm (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Takes one request to the target and its answer back, both streamed. */
export function forward(
  connections: Connections,
  target: Target,
  request: IncomingMessage,
  reply: ServerResponse,
): void {
  new Exchange(connections, target, request, reply).start();
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #connections: Connections;
  readonly #target: Target;
  readonly #request: IncomingMessage;
  readonly #reply: ServerResponse;
  #headers: FlatHeaders = [];
  #controller: Dispatcher.DispatchController | undefined;
  /** Nothing is lost if it is sent once more: no body was consumed, and doing it twice does no harm. */
  #repeatable: boolean;
  #clientIsGone = false;

  constructor(connections: Connections, target: Target, request: IncomingMessage, reply: ServerResponse) {
    this.#connections = connections;
    this.#target = target;
    this.#request = request;
    this.#reply = reply;
    this.#repeatable = !hasBody(request) && IDEMPOTENT.has(request.method ?? '');
  }

  start(): void {
    this.#target.count.begin();
    this.#headers = requestHeaders(this.#request);
    this.#reply.once('close', () => this.#close());
    // A service may close an idle connection just as a request sets out on it. What cannot be repeated gets a
    // connection of its own instead; HAProxy's `http-reuse safe` is as careful.
    this.#dispatch(this.#repeatable ? this.#connections.kept : this.#connections.fresh);
  }

  #dispatch(dispatcher: Dispatcher): void {
    const upstream: Upstream = this.#target.nextUpstream();
    dispatcher.dispatch(
      {
        origin: upstream.origin,
        path: originForm(this.#request.url ?? '/'),
        method: this.#request.method ?? 'GET',
        headers: this.#headers,
        body: hasBody(this.#request) ? bodyOf(this.#request) : null,
      },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#clientIsGone) controller.abort(new Error('the client has gone'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    statusText?: string,
  ): void {
    if (status === 103 && headers.link !== undefined) this.#reply.writeEarlyHints({ link: headers.link });
    if (status < 200) return;
    const raw = Array.isArray(controller.rawHeaders) ? controller.rawHeaders : [];
    this.#reply.writeHead(status, statusText, answerHeaders(raw));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#reply.write(chunk)) return;
    controller.pause();
    this.#reply.once('drain', () => controller.resume());
  }

  onResponseEnd(
    _controller: Dispatcher.DispatchController,
    trailers: Record<string, string | string[] | undefined>,
  ): void {
    for (const [name, value] of Object.entries(trailers)) {
      if (value !== undefined) this.#reply.addTrailers([[name, value.toString()]]);
    }
    this.#reply.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#clientIsGone) return;
    if (!this.#reply.headersSent && this.#repeatable && mayBeRepeated(error)) {
      this.#repeatable = false;
      this.#dispatch(this.#connections.fresh);
      return;
    }
    if (clientFault(error)) {
      refuse(this.#reply, 400, error.message);
      return;
    }
    this.#target.count.failed += 1;
    if (this.#reply.headersSent) this.#reply.destroy();
    else refuse(this.#reply, statusOf(error), messageOf(this.#target.revision, error));
  }

  #close(): void {
    this.#target.count.end();
    if (this.#reply.writableFinished) return;
    this.#clientIsGone = true;
    this.#controller?.abort(new Error('the client has gone'));
  }
}

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** A stream between, because whoever gives up on a body destroys it, and with the request goes the client's socket. */
function bodyOf(request: IncomingMessage): PassThrough {
  const body = new PassThrough();
  body.on('error', () => undefined);
  return request.pipe(body);
}

/** Clients that take the router for a forward proxy send the whole URL; a service expects the path. */
function originForm(target: string): string {
  if (target.startsWith('/') || !URL.canParse(target)) return target;
  const { pathname, search } = new URL(target);
  return pathname + search;
}
