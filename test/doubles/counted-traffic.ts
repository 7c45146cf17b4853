import type { BakeCounts } from '../../src/domain/evidence/bake-counts.ts';
import type { RouteObservation } from '../../src/domain/traffic/route.ts';
import type { ServiceKey } from '../../src/domain/service/service.ts';
import type { StackSummary } from '../../src/stacks/driver.ts';
import { RouterUnreachableError } from '../../src/routing/router.ts';

/** A double of what counts a revision's requests and restarts: tells r1's counts as the test sets them. */
export class CountedTraffic {
  counts: BakeCounts = { requests: { served: 0, failed: 0 }, restarts: 0 };
  /** When a process of it ended last; just now unless told. */
  lastEndAt: string | undefined;
  /** Nobody answers while this is set. */
  isAway = false;

  async of(): Promise<this> {
    return this;
  }

  async observe(service: ServiceKey): Promise<RouteObservation | undefined> {
    if (this.isAway) throw new RouterUnreachableError('the router gave no answer');
    const { requests, isUncounted } = this.counts;
    const isListed = requests !== undefined || isUncounted === true;
    const target = { revision: 1, endpoints: [], weight: 100, inFlight: 0, upgraded: 0, ...requests };
    const targets = isListed ? [target] : [];
    return { service, generation: 1, address: { host: '127.0.0.1', port: 1 }, targets };
  }

  async list(): Promise<StackSummary[]> {
    const { restarts, lastEnd } = this.counts;
    if (restarts === undefined) return [];
    const ended =
      lastEnd === undefined ? {} : { lastEnd: { at: this.lastEndAt ?? new Date().toISOString(), how: lastEnd } };
    const p1 = { name: 'p1', address: '127.0.0.1:1', isAlive: true, listens: true, log: 'p1.log', restarts, ...ended };
    return [{ project: 'test', stack: 'web-test-r1', resources: 2, processes: [p1] }];
  }
}
