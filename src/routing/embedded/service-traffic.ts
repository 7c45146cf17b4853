import { type Cohort, isInCohort } from '../../domain/traffic/cohort.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import type { Route, RouteObservation } from '../../domain/traffic/route.ts';
import { Split } from '../../domain/traffic/split.ts';
import type { Traffic } from './plane.ts';
import { Target } from './target.ts';
import { TrafficCount } from './traffic-count.ts';

const NOBODY = 'no revision takes traffic for this service';

/** Where one service's requests go, and how many went there. */
export class ServiceTraffic implements Traffic {
  readonly #split = new Split([]);
  readonly #counts = new Map<number, TrafficCount>();
  #targets = new Map<number, Target>();
  #cohort: Cohort | undefined;
  /** What requests are told that nobody takes. */
  refusal = NOBODY;

  /** New requests follow `route` from here on; those under way finish where they are. */
  follow(route: Route): Promise<void> {
    this.#targets = new Map(
      route.targets.map(({ revision, endpoints }) => [revision, new Target(revision, endpoints, this.count(revision))]),
    );
    this.#split.reweigh(route.targets);
    this.#cohort = route.cohort;
    this.refusal = route.closed ?? NOBODY;
    return Promise.resolve();
  }

  /**
   * Who gets the next request; undefined when nobody does. A cohort's takes no turn of the others', whose shares are exact.
   *
   * @param headers of the request, names and values in turn
   */
  next(headers: readonly string[]): Target | undefined {
    const cohort = this.#cohort;
    const revision = cohort && isInCohort(cohort, headers) ? cohort.revision : this.#split.next();
    return revision === undefined ? undefined : this.#targets.get(revision);
  }

  count(revision: number): TrafficCount {
    const count = this.#counts.get(revision) ?? new TrafficCount();
    this.#counts.set(revision, count);
    return count;
  }

  observe(route: Route, address: Endpoint): Promise<RouteObservation> {
    return Promise.resolve({
      service: route.service,
      generation: route.generation,
      address,
      ...(route.closed === undefined ? {} : { closed: route.closed }),
      ...(route.cohort === undefined ? {} : { cohort: route.cohort }),
      targets: route.targets.map((target) => {
        const { inFlight, upgraded, served, failed, series, lastFailedAt } = this.count(target.revision);
        const last = lastFailedAt ? { lastFailedAt: lastFailedAt.toISOString() } : {};
        return { ...target, inFlight, upgraded, served, failed, series: series.read(), ...last };
      }),
    });
  }

  async untilIdle(
    revision: number,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<{ requests: number; connections: number }> {
    const count = this.count(revision);
    await count.idle(deadlineMs, signal);
    return { requests: count.inFlight - count.upgraded, connections: count.upgraded };
  }
}
