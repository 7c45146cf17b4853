import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceKey } from '../../src/domain/service/service.ts';
import type { Router } from '../../src/routing/router.ts';

const PAUSE_MS = 50;

/** Looks again and again at where a service's traffic really goes. What it saw that must not be comes with the end. */
export function watchRoute(router: Router, service: ServiceKey): { end(): Promise<string[]> } {
  const stopping = new AbortController();
  const faults = new Set<string>();
  let latest = 0;
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      // The router is down now and then.
      const seen = await router.observe(service).catch(() => undefined);
      if (seen) {
        const sum = seen.targets.reduce((total, { weight }) => total + weight, 0);
        if (sum !== (seen.closed === undefined ? 100 : 0))
          faults.add(`the router's weights sum to ${sum} at generation ${seen.generation}`);
        const { revision = 0 } = seen.preview ?? {};
        if (seen.targets.some((each) => each.revision === revision && each.weight > 0))
          faults.add(`the preview address leads to r${revision}, which has traffic, at generation ${seen.generation}`);
        if (seen.generation < latest)
          faults.add(`the router went back from generation ${latest} to ${seen.generation}`);
        latest = Math.max(latest, seen.generation);
      }
      await sleep(PAUSE_MS);
    }
  })();
  return {
    async end() {
      stopping.abort();
      await watching;
      return [...faults];
    },
  };
}
