import {
  type DrainObservation,
  type Route,
  type RouteObservation,
  findRouteFaults,
} from '../../src/domain/traffic/route.ts';
import type { PreviewAddress, PreviewObservation } from '../../src/domain/traffic/preview-address.ts';
import type { ServiceKey } from '../../src/domain/service/service.ts';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { InvalidRouteError, type Router, StaleGenerationError } from '../../src/routing/router.ts';

/** What the route model asks about revisions before it lets traffic go to them. */
export interface Health {
  proven(revision: number): boolean;
  standing(revision: number): boolean;
}

/**
 * One service's route in memory, with a router's rules about generations. Every write is held against invariant 1: what
 * breaks it is noted in `breaches`, whether or not the caller notices.
 */
export class RouteModel implements Router {
  readonly writes: Route[] = [];
  readonly breaches: string[] = [];
  route: Route | undefined;
  generation = 0;
  readonly #health: Health;

  constructor(health: Health) {
    this.#health = health;
  }

  /** `{r1: 0, r2: 100}`; empty without a route. */
  get weights(): Record<string, number> {
    return Object.fromEntries(this.route?.targets.map(({ revision, weight }) => [`r${revision}`, weight]) ?? []);
  }

  /** Whichever router a service names, this is it. */
  async of(): Promise<this> {
    return this;
  }

  async apply(route: Route): Promise<RouteObservation> {
    const faults = findRouteFaults(route);
    if (faults.length > 0) throw new InvalidRouteError(faults.join('; '));
    const repeat = canonicalJson(route) === canonicalJson(this.route ?? null);
    if (!repeat) {
      this.#claim(route.generation);
      this.#judge(route);
      this.route = route;
      this.writes.push(route);
    }
    return this.#observed(route);
  }

  async observe(): Promise<RouteObservation | undefined> {
    return this.route && this.#observed(this.route);
  }

  async drain(_service: ServiceKey, revision: number): Promise<DrainObservation> {
    const weight = this.weights[`r${revision}`] ?? 0;
    if (this.route?.cohort?.revision === revision) this.breaches.push(`r${revision} is drained while it has a cohort`);
    if (this.route?.preview?.revision === revision) this.breaches.push(`r${revision} is drained while it is previewed`);
    if (weight > 0) this.breaches.push(`r${revision} is drained while it has ${weight} % of traffic`);
    return { requests: 0, connections: 0, afterMs: 0 };
  }

  async remove(_service: ServiceKey, generation: number): Promise<void> {
    if (generation !== this.generation || this.route) this.#claim(generation);
    this.route = undefined;
  }

  #claim(generation: number): void {
    if (generation <= this.generation) {
      throw new StaleGenerationError(`generation ${generation} is not newer than ${this.generation}`);
    }
    this.generation = generation;
  }

  #judge(route: Route): void {
    const reached = [route.cohort?.revision, route.preview?.revision];
    const carrying = route.targets.filter(({ weight, revision }) => weight > 0 || reached.includes(revision));
    const total = carrying.reduce((sum, { weight }) => sum + weight, 0);
    const name = `generation ${route.generation}`;
    if (total !== (route.closed === undefined ? 100 : 0)) this.breaches.push(`${name}: weights sum to ${total}`);
    for (const { revision } of carrying) {
      if (!this.#health.standing(revision))
        this.breaches.push(`${name}: traffic to r${revision}, which does not stand`);
      if (!this.#health.proven(revision)) this.breaches.push(`${name}: traffic to r${revision}, which is not proven`);
    }
  }

  #observed({ service, generation, cohort, preview, targets }: Route): RouteObservation {
    const address = { host: '127.0.0.1', port: 1 };
    return {
      service,
      generation,
      address,
      ...(cohort === undefined ? {} : { cohort }),
      ...(preview ? { preview: observePreview(preview) } : {}),
      targets: targets.map((each) => ({ ...each, inFlight: 0, upgraded: 0, served: 0, failed: 0 })),
    };
  }
}

function observePreview({ port = 2, revision }: PreviewAddress): PreviewObservation {
  const counts = { inFlight: 0, served: 0, failed: 0 };
  return { address: { host: '127.0.0.1', port }, ...(revision === undefined ? {} : { revision }), ...counts };
}
