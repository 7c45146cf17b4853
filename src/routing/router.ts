import type { DrainObservation, Route, RouteObservation } from '../domain/traffic/route.ts';
import type { RouterSpec, ServiceKey } from '../domain/service/service.ts';

/**
 * What splits live traffic between revisions, as one service's description names it. `routers.ts` finds it by the
 * description; `test/contract/router.ts` holds every implementation to the same behaviour.
 */
export interface Router {
  /**
   * Makes `route` the service's desired state and returns once new requests follow it; of a router whose own parts follow
   * later, the settle time is for that (`readSettleMs`). Open connections and requests in flight are never touched. The
   * same generation with the same content is a repeat and succeeds.
   * @param accepting what a {@link RouteChangedError} found, where that may be overwritten; nothing else is
   * @throws StaleGenerationError when a higher generation, or the same one with other content, was written before
   * @throws InvalidRouteError when {@link routeFaults} finds any
   * @throws RouteChangedError when somebody else has changed the route since it was written
   * @throws TargetsNotReadyError when what is to get traffic cannot take it yet; the write may be repeated
   * @throws RouterUnreachableError when nobody answers; the outcome is unknown and the write may be repeated
   */
  apply(route: Route, accepting?: string): Promise<RouteObservation>;
  /**
   * Waits until everything that a route gives traffic to can take it, by the router's own looks. Absent from a router that
   * makes none.
   */
  prepare?(route: Route, signal?: AbortSignal): Promise<void>;
  /**
   * What stands in the way of one more revision of a service, such as a limit that would be exceeded: each with what would
   * help. Absent from a router without limits.
   */
  findObstacles?(service: ServiceKey): Promise<string[]>;
  /** What is really happening, the reachability of what has traffic included; undefined for a service without a route. */
  observe(service: ServiceKey): Promise<RouteObservation | undefined>;
  /**
   * Waits until a revision at weight 0 has nothing in flight, or `deadlineMs` has passed. A router that does not count
   * waits for as long as what is in flight may take, and says so.
   * @returns what was still in flight at the end, and is cut off when its stack goes
   * @throws InvalidRouteError while the revision has a weight
   */
  drain(service: ServiceKey, revision: number, deadlineMs: number, signal?: AbortSignal): Promise<DrainObservation>;
  /** Forgets the service and frees its port. Idempotent; refuses a stale generation like {@link Router.apply}. */
  remove(service: ServiceKey, generation: number, accepting?: string): Promise<void>;
}

/** The routers of one kind. What they share, such as connections, is opened once for all services. */
export interface RouterFactory<Spec extends RouterSpec = RouterSpec> {
  /** The router as a service's description names it. Cheap: it is asked for with each call. */
  create(spec: Spec): Router;
  /** Releases what the client side holds. The routers themselves go on. */
  close(): Promise<void>;
}

/** Finds the router that a service names. */
export interface RouterLookup {
  of(spec: RouterSpec): Promise<Router>;
}

/** The same, for who only looks. */
export interface RouteViews {
  of(spec: RouterSpec): Promise<Pick<Router, 'observe'>>;
}

export class StaleGenerationError extends Error {
  override readonly name = 'StaleGenerationError';
}
export class InvalidRouteError extends Error {
  override readonly name = 'InvalidRouteError';
}
/** Somebody else wrote where only Supplant writes. Nothing was overwritten. */
export class RouteChangedError extends Error {
  override readonly name = 'RouteChangedError';
  /** What is there, in the router's own words; a write that names it as accepted overwrites it. */
  readonly found: string;
  /** Only weights are other than Supplant wrote them, among revisions of the service. */
  readonly isOnlyWeights: boolean;

  constructor(message: string, { found, isOnlyWeights }: { found: string; isOnlyWeights: boolean }) {
    super(message);
    this.found = found;
    this.isOnlyWeights = isOnlyWeights;
  }
}
/** What is to get traffic cannot take it yet. */
export class TargetsNotReadyError extends Error {
  override readonly name = 'TargetsNotReadyError';
}
export class RouterUnreachableError extends Error {
  override readonly name = 'RouterUnreachableError';
}
