import type { ServiceKey } from '../../domain/service/service.ts';
import type { AdminPlace } from '../embedded/admin-place.ts';
import { EmbeddedRouter } from '../embedded/client.ts';
import type { RouterFactory } from '../router.ts';
import { LIMITS } from './limits.ts';

/** Speaks to the process that runs HAProxy; it takes the embedded router's orders. */
export class HaproxyRouter extends EmbeddedRouter {
  constructor(place: AdminPlace) {
    super(place, 'the router that runs HAProxy');
  }

  async findObstacles(service: ServiceKey): Promise<string[]> {
    const standing = (await this.observe(service))?.targets.length ?? 0;
    if (standing < LIMITS.revisions) return [];
    return [
      `${standing} revisions stand, of ${LIMITS.revisions} that HAProxy has room for; keep fewer warm (retention.warm), ` +
        'or unpin some',
    ];
  }
}

/** One process serves every service that names it. */
export function openHaproxyFactory(place: AdminPlace): RouterFactory {
  const router = new HaproxyRouter(place);
  return { create: () => router, close: () => router.close() };
}
