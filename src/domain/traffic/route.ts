import { type Endpoint, formatRevisionName } from '../service/revision.ts';
import type { ServiceKey } from '../service/service.ts';
import { type Cohort, findCohortFaults } from './cohort.ts';
import { type PreviewAddress, type PreviewObservation, findPreviewFaults } from './preview-address.ts';
import type { RequestSeries } from './request-series.ts';

/** In place of an address: the one that the router's process was told of, which is this machine's own unless told. */
export const AS_ROUTER = '';

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
  /**
   * The port clients are to connect to. A write that names another one moves the service there, without touching what is
   * under way; one that names none leaves it where it is. Where it cannot be had, the service stays where it is, or takes
   * a free one, until it can.
   */
  port?: number;
  /**
   * The address of the router's machine at which they connect, an IP address; {@link AS_ROUTER} where the router's own options
   * say. It moves as the port does: a write that names none leaves the service where it is.
   */
  listen?: string;
  /** That port, and that address, or none: the write is refused where it cannot be had. */
  strictPort?: boolean;
  /**
   * Set while the service goes, with no successor: every weight is 0, new requests are answered with 503 and this text,
   * and those in flight finish where they are.
   */
  closed?: string;
  /** Requests that go to one of its revisions whatever the weights are; none where it is absent. */
  cohort?: Cohort;
  /**
   * Where the service has a preview address, and who answers there. A write that has none, and names no {@link Route.listen}
   * either, leaves the address where it is, and it leads to nobody; one that names where clients connect gives it up.
   */
  preview?: PreviewAddress;
  targets: RouteTarget[];
}

/** What of a revision had not finished when its drain was over; all zero where everything had. */
export interface DrainObservation {
  /** Requests, event streams and long polls among them. */
  requests: number;
  /** Upgraded connections, WebSockets for instance. */
  connections: number;
  /** Nobody counts what is in flight: it was waited for as long as that may take. */
  isUncounted?: true;
  /** How long it was waited, in milliseconds. */
  afterMs: number;
}

/** How a revision's drain ended. */
export interface DrainReport extends DrainObservation {
  revision: number;
}

/**
 * `2 requests and 1 upgraded connection of r3 were cut off after 30 s`; undefined where nothing was. Where nobody counts,
 * that is said: it must not look like nothing.
 */
export function describeCut({
  revision,
  requests,
  connections,
  isUncounted,
  afterMs,
}: DrainReport): string | undefined {
  if (isUncounted) {
    const drained = `${formatRevisionName(revision)} drained for ${seconds(afterMs)}`;
    return `${drained}; nobody counted what was cut off then, since its router cannot`;
  }
  const cut = [
    ...(requests > 0 ? [`${requests} request${requests === 1 ? '' : 's'}`] : []),
    ...(connections > 0 ? [`${connections} upgraded connection${connections === 1 ? '' : 's'}`] : []),
  ];
  if (cut.length === 0) return undefined;
  const were = requests + connections === 1 ? 'was' : 'were';
  return `${cut.join(' and ')} of ${formatRevisionName(revision)} ${were} cut off after a drain of ${seconds(afterMs)}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/** What a router reports to be really happening. */
export interface RouteObservation {
  service: ServiceKey;
  generation: number;
  /** Where clients connect. */
  address: Endpoint;
  /** The port that was asked for, where one was. */
  wantedPort?: number;
  /** The address that its port is open at: what clients connect to may be another name of it. */
  listen?: string;
  /** Why that is not where clients connect: `port 8080 is taken by another program`. */
  portFault?: string;
  /** What new requests are told, where none is let in any more. */
  closed?: string;
  /** Which requests go to one revision whatever the weights are, of a router that can tell requests apart. */
  cohort?: Cohort;
  /** Where revisions are looked at before they have traffic, of a service that has such an address. */
  preview?: PreviewObservation;
  /** What somebody else has changed since Supplant wrote the route, where a router cannot keep others from it. */
  changedByOthers?: string;
  targets: TargetObservation[];
}

/** What a router has counted of a revision. */
export interface TargetCounts {
  /** Requests and upgraded connections not yet finished. */
  inFlight: number;
  /** Of these, the upgraded connections. */
  upgraded: number;
  /** Requests begun since the router started. */
  served: number;
  /** Of these, the ones the target did not answer (connect error, reset, time-out). */
  failed: number;
}

/** The counts are those of a router that counts: some cannot be asked. */
export interface TargetObservation extends RouteTarget, Partial<TargetCounts> {
  /** When that happened last, ISO 8601. */
  lastFailedAt?: string;
  /** What came of its requests since the router began to count, of one that counts that. */
  series?: RequestSeries;
  /** Of a target with a weight: what is wrong with the endpoints that accept no connections at this moment. */
  unreachable?: string[];
}

/** What is wrong with a route, all of it; empty when it may be written. */
export function findRouteFaults(route: Route): string[] {
  const faults: string[] = [];
  const total = route.targets.reduce((sum, target) => sum + target.weight, 0);
  const wanted = route.closed === undefined ? 100 : 0;
  if (route.targets.length > 0 && total !== wanted) {
    const closed = route.closed === undefined ? '' : ', since the route is closed';
    faults.push(`weights sum to ${total}, not ${wanted}${closed}`);
  }
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
  faults.push(...findMisplacedCohort(route), ...findPreviewFaults(route));
  if (!Number.isSafeInteger(route.generation) || route.generation < 1) {
    faults.push(`generation ${route.generation} is not a positive whole number`);
  }
  return faults;
}

function findMisplacedCohort({ cohort, closed, targets }: Route): string[] {
  if (!cohort) return [];
  const faults = findCohortFaults(cohort);
  const target = targets.find(({ revision }) => revision === cohort.revision);
  if (closed !== undefined) faults.push('there is a cohort, although the route is closed');
  else if (!target) faults.push(`the cohort goes to r${cohort.revision}, which is not listed`);
  else if (target.endpoints.length === 0) faults.push(`the cohort goes to r${cohort.revision}, which has no endpoint`);
  return faults;
}
