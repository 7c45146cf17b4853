import type { Endpoint } from './revision.ts';
import type { ServiceKey } from './service.ts';

/** One revision's part in a service's route. */
export interface RouteTarget {
  revision: number;
  endpoints: Endpoint[];
  /** Share of new requests, 0–100. */
  weight: number;
}

/**
 * The whole desired route of a service. Writes replace it as one, so that weights always sum to 100, and carry a
 * generation, so that a writer that was overtaken cannot put an older state back (invariants 1 and 4).
 */
export interface Route {
  service: ServiceKey;
  generation: number;
  /** Preferred client port; only the first write of a service is heard. */
  port?: number;
  targets: RouteTarget[];
}

/** What a router reports to be really happening. */
export interface RouteObservation {
  service: ServiceKey;
  generation: number;
  /** Where clients connect. */
  address: Endpoint;
  targets: TargetObservation[];
}

export interface TargetObservation extends RouteTarget {
  /** Requests and upgraded connections not yet finished. */
  inFlight: number;
  /** Requests begun since the router started. */
  served: number;
  /** Of these, the ones the target did not answer (connect error, reset, time-out). */
  failed: number;
}

/** What is wrong with a route, all of it; empty when it may be written. */
export function routeFaults(route: Route): string[] {
  const faults: string[] = [];
  const total = route.targets.reduce((sum, target) => sum + target.weight, 0);
  if (route.targets.length > 0 && total !== 100) faults.push(`weights sum to ${total}, not 100`);
  const seen = new Set<number>();
  for (const target of route.targets) {
    if (seen.has(target.revision)) faults.push(`r${target.revision} is listed twice`);
    seen.add(target.revision);
    if (!Number.isInteger(target.weight) || target.weight < 0 || target.weight > 100) {
      faults.push(`r${target.revision} has weight ${target.weight}; use a whole number from 0 to 100`);
    }
    if (target.weight > 0 && target.endpoints.length === 0) {
      faults.push(`r${target.revision} has weight ${target.weight} but no endpoint`);
    }
  }
  if (!Number.isSafeInteger(route.generation) || route.generation < 1) {
    faults.push(`generation ${route.generation} is not a positive whole number`);
  }
  return faults;
}
