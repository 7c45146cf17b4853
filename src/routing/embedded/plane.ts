import type { Endpoint } from '../../domain/service/revision.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { DrainObservation, Route, RouteObservation } from '../../domain/traffic/route.ts';
import type { TrafficCount } from './traffic-count.ts';

/** The port of one service, where its clients connect. */
export interface PortListener {
  /**
   * Accepts from here on.
   *
   * @param port 0 for a free one
   * @param isBeside whether a listener of the same service has that port, at another address that may include this one
   * @throws Error with the code of `listen(2)`, such as `EADDRINUSE`, where the port cannot be had
   */
  open(port: number, isBeside?: boolean): Promise<void>;
  /** Where clients connect, as they call it. */
  readonly address: Endpoint;
  /** The IP address that it accepts at. */
  readonly listen: string;
  /**
   * Stops accepting and lets what is under way finish. Resolves when it has. May be asked for again.
   *
   * @param isMoved whether another one has taken its place: idle connections may ask once more, and are told to hang up then
   */
  close(isMoved?: boolean): Promise<void>;
  /** Resolves once the port of a listener that closes is free; absent where it is as soon as `close` is called. */
  readonly freed?: Promise<void> | undefined;
  /** Cuts whatever is still under way. */
  cut(): void;
}

/** Where one service's requests go, and how many went there. */
export interface Traffic {
  /**
   * Whether a route can be followed; nothing has changed by then. Absent where any can.
   *
   * @throws InvalidRouteError where it never can be
   */
  prepare?(route: Route): Promise<void>;
  /** New requests follow `route` once it resolves; those under way finish where they are. May be repeated. */
  follow(route: Route): Promise<void>;
  observe(route: Route, address: Endpoint): Promise<RouteObservation>;
  /** What is counted of a revision, series included. Absent where series are not kept. */
  count?(revision: number): TrafficCount;
  /** Waits until a revision has nothing in flight, `deadlineMs` has passed, or the signal fires; what is left then. */
  untilIdle(revision: number, deadlineMs: number, signal: AbortSignal): Promise<Omit<DrainObservation, 'afterMs'>>;
}

/** One address of a service: where the requests go that come there, and what accepts them. */
export interface AddressPlane {
  traffic: Traffic;
  /** @param listen the IP address that it is to accept at */
  createListener(listen: string): PortListener;
}

/** What carries one service's route out. */
export interface ServicePlane extends AddressPlane {
  /** Where the router listens for services that say nothing, an IP address. */
  readonly listen: string;
  /** Its preview address, whose requests are counted apart. */
  readonly preview: AddressPlane;
}

/** What carries routes out, for each service apart. */
export type Plane = (service: ServiceKey) => ServicePlane;
