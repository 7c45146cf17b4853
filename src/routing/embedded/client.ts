import type { Pool } from 'undici';
import type { DrainObservation, Route, RouteObservation } from '../../domain/traffic/route.ts';
import { formatServiceId, type ServiceKey } from '../../domain/service/service.ts';
import { type Router, type RouterFactory, RouterUnreachableError } from '../router.ts';
import { type Answer, type Call, sendAdminCall } from './admin-call.ts';
import { explainConnecting, openAdminConnections, readToken } from './admin-connections.ts';
import { fromAdminAnswer } from './admin-error.ts';
import { type AdminPlace, describePlace } from './admin-place.ts';
import { mayBeRepeated } from './faults.ts';
import { LIMITS } from './limits.ts';

/** Speaks to a router process over its admin plane. */
export class EmbeddedRouter implements Router {
  readonly #place: AdminPlace;
  readonly #words: string;
  readonly #connections: Pool;

  /** @param words what errors call the process: `the router` */
  constructor(place: AdminPlace, words = 'the router') {
    this.#place = place;
    this.#words = words;
    this.#connections = openAdminConnections(place);
  }

  /** One process serves every service that names it, wherever that wants its clients to connect. */
  static openFactory(place: AdminPlace): RouterFactory {
    const router = new EmbeddedRouter(place);
    return { create: () => router, close: () => router.close() };
  }

  async apply(route: Route): Promise<RouteObservation> {
    return (await this.#call({ method: 'PUT', path: '/routes', body: route })) as RouteObservation;
  }

  async observe(service: ServiceKey): Promise<RouteObservation | undefined> {
    const answer = await this.#ask({ method: 'GET', path: `/routes/${formatServiceId(service)}` });
    return answer.status === 404 ? undefined : (parse(answer) as RouteObservation);
  }

  /** Every service that has a route. */
  async observeAll(): Promise<RouteObservation[]> {
    return (await this.#call({ method: 'GET', path: '/routes' })) as RouteObservation[];
  }

  async drain(
    service: ServiceKey,
    revision: number,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<DrainObservation> {
    return (await this.#call({
      method: 'POST',
      path: `/routes/${formatServiceId(service)}/drain`,
      body: { revision, deadlineMs },
      signal,
      timeoutMs: deadlineMs + LIMITS.adminAnswerMs,
    })) as DrainObservation;
  }

  async remove(service: ServiceKey, generation: number): Promise<void> {
    await this.#call({ method: 'DELETE', path: `/routes/${formatServiceId(service)}?generation=${generation}` });
  }

  /** Whether it takes orders from here; it is asked for nothing. @throws RouterUnreachableError where it does not */
  async greet(): Promise<void> {
    await this.#call({ method: 'GET', path: '/health' });
  }

  /** Releases the connections. The router's process goes on. */
  async close(): Promise<void> {
    await this.#connections.destroy();
  }

  async #call(call: Call): Promise<unknown> {
    return parse(await this.#ask(call));
  }

  async #ask(call: Call): Promise<Answer> {
    const where = `${this.#words} at ${describePlace(this.#place)}`;
    let answer: Answer;
    try {
      answer = await this.#twice({ ...call, token: await readToken(this.#place) });
    } catch (error) {
      if (call.signal?.aborted) throw call.signal.reason;
      const asked = `${call.method} ${call.path}`;
      throw new RouterUnreachableError(`${where} gave no answer to ${asked}: ${explainConnecting(error)}`, {
        cause: error,
      });
    }
    if (answer.status !== 401) return answer;
    throw new RouterUnreachableError(
      `${where} takes no orders from here: ${fromAdminAnswer(401, answer.body).message}`,
    );
  }

  /** An idle connection may belong to a router that has gone since, and every call may be repeated. */
  async #twice(call: Call): Promise<Answer> {
    try {
      return await sendAdminCall(this.#connections, call);
    } catch (error) {
      if (!(error instanceof Error) || !mayBeRepeated(error)) throw error;
      return sendAdminCall(this.#connections, call);
    }
  }
}

function parse({ status, body }: Answer): unknown {
  if (status >= 400) throw fromAdminAnswer(status, body);
  return body === '' ? undefined : JSON.parse(body);
}
