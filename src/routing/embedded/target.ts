import { type Endpoint, formatEndpointUrl } from '../../domain/service/revision.ts';
import type { TrafficCount } from './traffic-count.ts';

/** An endpoint, with what is derived from it worked out once rather than per request. */
export interface Upstream extends Endpoint {
  /** `http://127.0.0.1:43121` */
  origin: string;
  /** `127.0.0.1:43121`, what `Host` says when the client's request has none. */
  authority: string;
}

/** One revision as requests see it: its endpoints in turn, and the count they add to. */
export class Target {
  readonly revision: number;
  readonly count: TrafficCount;
  readonly #upstreams: Upstream[];
  #turn = 0;

  constructor(revision: number, endpoints: readonly Endpoint[], count: TrafficCount) {
    this.revision = revision;
    this.count = count;
    this.#upstreams = endpoints.map((endpoint) => {
      const origin = formatEndpointUrl(endpoint);
      return { ...endpoint, origin, authority: origin.slice('http://'.length) };
    });
  }

  /** How many endpoints it has. */
  get size(): number {
    return this.#upstreams.length;
  }

  /** The endpoints get requests in turn; a request that is refused goes on from its own turn. */
  nextTurn(): number {
    const turn = this.#turn;
    this.#turn = (turn + 1) % this.#upstreams.length;
    return turn;
  }

  upstreamAt(turn: number): Upstream {
    const upstream = this.#upstreams[turn % this.#upstreams.length];
    if (!upstream) throw new Error(`r${this.revision} was picked but has no endpoint`);
    return upstream;
  }
}
