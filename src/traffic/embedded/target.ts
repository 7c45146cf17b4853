import { type Endpoint, endpointUrl } from '../../domain/revision.ts';
import type { TrafficCount } from './traffic-count.ts';

/** An endpoint and its origin, `http://127.0.0.1:43121`, worked out once rather than per request. */
export interface Upstream extends Endpoint {
  origin: string;
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
    this.#upstreams = endpoints.map((endpoint) => ({ ...endpoint, origin: endpointUrl(endpoint) }));
  }

  /** The endpoints in turn. */
  nextUpstream(): Upstream {
    const upstream = this.#upstreams[this.#turn % this.#upstreams.length];
    if (!upstream) throw new Error(`r${this.revision} was picked but has no endpoint`);
    this.#turn = (this.#turn + 1) % this.#upstreams.length;
    return upstream;
  }
}
