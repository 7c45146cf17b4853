import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Route, RouteObservation } from '../../domain/route.ts';
import { serviceId, type ServiceKey } from '../../domain/service.ts';
import { type Router, RouterUnreachableError } from '../router.ts';
import { errorFrom } from './admin-error.ts';
import { LIMITS } from './limits.ts';

interface Call {
  method: 'GET' | 'PUT' | 'DELETE' | 'POST';
  path: string;
  body?: unknown;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

interface Answer {
  status: number;
  body: string;
}

/** Speaks to a router process over its admin socket. */
export class EmbeddedRouter implements Router {
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(options: { socketPath: string }) {
    this.#socketPath = options.socketPath;
  }

  async apply(route: Route): Promise<RouteObservation> {
    return (await this.#call({ method: 'PUT', path: '/routes', body: route })) as RouteObservation;
  }

  async observe(service: ServiceKey): Promise<RouteObservation | undefined> {
    const answer = await this.#ask({ method: 'GET', path: `/routes/${serviceId(service)}` });
    return answer.status === 404 ? undefined : (parse(answer) as RouteObservation);
  }

  /** Every service that has a route. */
  async observeAll(): Promise<RouteObservation[]> {
    return (await this.#call({ method: 'GET', path: '/routes' })) as RouteObservation[];
  }

  async drain(service: ServiceKey, revision: number, deadlineMs: number, signal?: AbortSignal): Promise<number> {
    const answer = (await this.#call({
      method: 'POST',
      path: `/routes/${serviceId(service)}/drain`,
      body: { revision, deadlineMs },
      signal,
      timeoutMs: deadlineMs + LIMITS.adminAnswerMs,
    })) as { inFlight: number };
    return answer.inFlight;
  }

  async remove(service: ServiceKey, generation: number): Promise<void> {
    await this.#call({ method: 'DELETE', path: `/routes/${serviceId(service)}?generation=${generation}` });
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  async #call(call: Call): Promise<unknown> {
    return parse(await this.#ask(call));
  }

  /** A connection that was idle may belong to a router that has gone since; every call may be repeated. */
  async #ask(call: Call): Promise<Answer> {
    const first = this.#send(call);
    try {
      return await answerTo(first, call);
    } catch (error) {
      if (call.signal?.aborted || !first.reusedSocket) throw this.#explain(error, call);
    }
    try {
      return await answerTo(this.#send(call), call);
    } catch (error) {
      throw this.#explain(error, call);
    }
  }

  #send({ method, path, body, signal }: Call): ClientRequest {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const request = httpRequest({
      agent: this.#agent,
      socketPath: this.#socketPath,
      method,
      path,
      headers: {
        host: 'router',
        ...(content !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(content),
        }),
      },
      ...(signal && { signal }),
    });
    request.end(content);
    return request;
  }

  #explain(error: unknown, { method, path, signal }: Call): unknown {
    if (signal?.aborted) return signal.reason;
    const message = error instanceof Error ? error.message : String(error);
    return new RouterUnreachableError(
      `the router at ${this.#socketPath} gave no answer to ${method} ${path}: ${message}`,
      { cause: error },
    );
  }
}

async function answerTo(request: ClientRequest, { timeoutMs = LIMITS.adminAnswerMs }: Call): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const timer = setTimeout(() => request.destroy(new Error(`nothing within ${timeoutMs} ms`)), timeoutMs);
  request.once('response', resolve);
  request.on('error', reject);
  try {
    const response = await promise;
    return { status: response.statusCode ?? 0, body: await text(response) };
  } finally {
    clearTimeout(timer);
  }
}

function parse({ status, body }: Answer): unknown {
  if (status >= 400) throw errorFrom(status, body);
  return body === '' ? undefined : JSON.parse(body);
}
