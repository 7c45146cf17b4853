import type { Endpoint } from '../../domain/service/revision.ts';
import type { Route, RouteObservation } from '../../domain/traffic/route.ts';
import { Split } from '../../domain/traffic/split.ts';
import { Target } from './target.ts';
import { TrafficCount } from './traffic-count.ts';

const NOBODY = 'no revision takes traffic for this service';

/** Where one service's requests go, and how many went there. */
export class ServiceTraffic {
  readonly #split = new Split([]);
  readonly #counts = new Map<number, TrafficCount>();
  #targets = new Map<number, Target>();
  /** What requests are told that nobody takes. */
  refusal = NOBODY;

  /** New requests follow `route` from here on; those under way finish where they are. */
  follow(route: Route): void {
    this.#targets = new Map(
      route.targets.map(({ revision, endpoints }) => [revision, new Target(revision, endpoints, this.count(revision))]),
    );
    this.#split.reweigh(route.targets);
    this.refusal = route.closed ?? NOBODY;
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
      ...(route.closed === undefined ? {} : { closed: route.closed }),
      targets: route.targets.map((target) => {
        const { inFlight, upgraded, served, failed, series, lastFailedAt } = this.count(target.revision);
        const last = lastFailedAt ? { lastFailedAt: lastFailedAt.toISOString() } : {};
        return { ...target, inFlight, upgraded, served, failed, series: series.read(), ...last };
      }),
    };
  }
}
