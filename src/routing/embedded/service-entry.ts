import type { Endpoint } from '../../domain/service/revision.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import { AS_ROUTER, type Route, type RouteObservation } from '../../domain/traffic/route.ts';
import type { LastWrite } from './fence.ts';
import type { ServicePlane } from './plane.ts';
import type { PreviewMove, PreviewPort } from './preview-port.ts';
import type { ServicePort } from './service-port.ts';
import type { SavedRoute } from './state.ts';

/** A service that has, or had, a route. */
export interface ServiceEntry {
  service: ServiceKey;
  generation: number;
  plane: ServicePlane;
  preview: PreviewPort;
  /** Absent once removed. */
  live?: LiveRoute;
}

/** A route that is in force, and where. */
export interface LiveRoute {
  route: Route;
  place: ServicePort;
  address: Endpoint;
  /** Of a service that has one, where its preview address is. */
  previewAt?: Endpoint;
}

/** What has to be known of it after a restart. */
export function saveRoute({ route, address, previewAt }: LiveRoute): SavedRoute {
  return { port: address.port, ...(previewAt ? { previewPort: previewAt.port } : {}), route };
}

/** Where its preview address is once a move is carried out. */
export function placePreview({ kept }: PreviewMove): { previewAt?: Endpoint } {
  return kept ? { previewAt: kept.address } : {};
}

/** Where the weights lead, first: a preview is in nobody's way. */
export async function followRoute({ plane, preview }: ServiceEntry, route: Route): Promise<void> {
  await plane.traffic.follow(route);
  await preview.follow(route);
}

/** What a later write that says nothing of it leaves as it is, also after a restart. */
export function keepWish({ port, listen }: ServicePort['wish']): Pick<Route, 'port' | 'listen'> {
  return { ...(port === undefined ? {} : { port }), ...(listen === AS_ROUTER ? {} : { listen }) };
}

/** What is really happening, but for what can be reached. */
export async function observeRoute(entry: ServiceEntry, live: LiveRoute): Promise<RouteObservation> {
  const { wish, fault, listen } = live.place;
  return {
    ...(await entry.plane.traffic.observe(live.route, live.address)),
    ...(wish.port === undefined ? {} : { wantedPort: wish.port }),
    ...(listen === undefined ? {} : { listen }),
    ...(fault === undefined ? {} : { portFault: fault }),
    ...(live.previewAt ? { preview: await entry.preview.observe(live.route, live.previewAt) } : {}),
  };
}

/** What a write is held against. */
export function readLastWrite(entry: ServiceEntry | undefined): LastWrite | undefined {
  return entry && { generation: entry.generation, ...(entry.live && { route: entry.live.route }) };
}
