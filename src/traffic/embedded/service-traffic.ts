import type { Endpoint } from '../../domain/revision.ts';
import type { Route, RouteObservation } from '../../domain/route.ts';
import { Split } from '../../domain/split.ts';
import { Target } from './target.ts';
import { TrafficCount } from './traffic-count.ts';

/** Where one service's requests go, and how many went there. */
export class ServiceTraffic {
  readonly #split = new Split([]);
  readonly #counts = new Map<number, TrafficCount>();
  #targets = new Map<number, Target>();

  /** New requests follow `route` from here on; those under way finish where they are. */
  follow(route: Route): void {
    this.#targets = new Map(
      route.targets.map(({ revision, endpoints }) => [revision, new Target(revision, endpoints, this.count(revision))]),
    );
    this.#split.reweigh(route.targets);
  }

  /** Who gets the next request; undefined when nobody does. */
  next(): Target | undefined {
    const revision = this.#split.next();
    return revision === undefined ? undefined : this.#targets.get(revision);
  }

  count(revision: number): TrafficCount {
    const count = this.#counts.get(revision) ?? new TrafficCount();
    this.#counts.set(revision, count);
    return count;
  }

  observe(route: Route, address: Endpoint): RouteObservation {
    return {
      service: route.service,
      generation: route.generation,
      address,
      targets: route.targets.map((target) => {
        const { inFlight, served, failed } = this.count(target.revision);
        return { ...target, inFlight, served, failed };
      }),
    };
  }
}
