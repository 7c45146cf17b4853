import type { Route, RouteObservation } from '../domain/route.ts';
import type { ServiceKey } from '../domain/service.ts';

/**
 * What splits live traffic between revisions. One file per router implements it; `test/contract/router.ts` holds every
 * implementation to the same behaviour.
 */
export interface Router {
  /**
   * Makes `route` the service's desired state and returns once new requests follow it. Open connections and requests in
   * flight are never touched. The same generation with the same content is a repeat and succeeds.
   * @throws StaleGenerationError when a higher generation, or the same one with other content, was written before
   * @throws InvalidRouteError when {@link routeFaults} finds any
   * @throws RouterUnreachableError when nobody answers; the outcome is unknown and the write may be repeated
   */
  apply(route: Route): Promise<RouteObservation>;
  /** What is really happening; undefined for a service without a route. */
  observe(service: ServiceKey): Promise<RouteObservation | undefined>;
  /**
   * Waits until a revision at weight 0 has nothing in flight, or `deadlineMs` has passed.
   * @returns how many requests were still in flight at the end
   */
  drain(service: ServiceKey, revision: number, deadlineMs: number, signal?: AbortSignal): Promise<number>;
  /** Forgets the service and frees its port. Idempotent; refuses a stale generation like {@link Router.apply}. */
  remove(service: ServiceKey, generation: number): Promise<void>;
  /** Releases what the client side holds. The router itself goes on. */
  close(): Promise<void>;
}

export class StaleGenerationError extends Error {
  override readonly name = 'StaleGenerationError';
}
export class InvalidRouteError extends Error {
  override readonly name = 'InvalidRouteError';
}
export class RouterUnreachableError extends Error {
  override readonly name = 'RouterUnreachableError';
}
