import type { Route } from '../../domain/traffic/route.ts';
import type { ServiceKey } from '../../domain/service/service.ts';

export interface SavedRoute {
  /** Where clients connect; taken again after a restart. */
  port: number;
  /** Where its preview address is, of a service that has one. */
  previewPort?: number;
  route: Route;
}

/** A service without a route, remembered so that a writer that was overtaken by its removal cannot bring it back. */
export interface RemovedService {
  service: ServiceKey;
  generation: number;
}

/** Everything the router has to know after a restart. */
export interface RouterState {
  routes: SavedRoute[];
  removed: RemovedService[];
}
