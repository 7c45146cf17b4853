import { setTimeout as sleep } from 'node:timers/promises';
import { formatEndpointUrl } from '../src/domain/service/revision.ts';
import type { Cast } from './cast.ts';

const REQUESTS_PER_SECOND = 250;
const LOOK_EVERY_MS = 100;

/** The load begins with the first live revision. Returns whether it did, and what each revision was ever seen to serve. */
export async function watchTraffic({ router, service, load, stage }: Cast, signal: AbortSignal) {
  const served = new Map<number, number>();
  let began = false;
  while (!signal.aborted) {
    // A router that is being started again is asked again; what it failed to serve is counted by the load.
    const route = await router.observe(service).catch(() => undefined);
    if (route) {
      if (!began && route.targets.some(({ weight }) => weight > 0)) {
        const origin = formatEndpointUrl(route.address);
        load.start({ origin, perSecond: REQUESTS_PER_SECOND });
        stage.loadBegins(REQUESTS_PER_SECOND, origin);
        began = true;
      }
      for (const target of route.targets) served.set(target.revision, target.served ?? 0);
      stage.load = load.report;
      stage.traffic(route);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return { began, served };
}
