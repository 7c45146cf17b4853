import { setTimeout as sleep } from 'node:timers/promises';
import type { RouteObservation } from '../src/domain/traffic/route.ts';
import type { ServiceKey } from '../src/domain/service/service.ts';
import type { Router } from '../src/routing/router.ts';

export interface MeasuredRollback<Receipt> {
  receipt: Receipt;
  /** Milliseconds since the epoch. */
  calledAt: number;
  millis: number;
}

/** Longer than a person would call a rollback; then it is not measured, and the rollout's outcome says why. */
const LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 2;

/** Asks for a rollback, and asks the router all the while where traffic goes. `millis` is 0 when it never got there. */
export async function measureRollback<Receipt>(
  router: Pick<Router, 'observe'>,
  service: ServiceKey,
  revision: number,
  call: () => Promise<Receipt>,
): Promise<MeasuredRollback<Receipt>> {
  const before = (await router.observe(service))?.generation ?? 0;
  const calledAt = Date.now();
  const began = performance.now();
  const answer = call();
  const refused = new AbortController();
  answer.catch(() => refused.abort());
  let millis = 0;
  while (millis === 0 && !refused.signal.aborted && performance.now() - began < LIMIT_MS) {
    if (carriesAll(await router.observe(service), before, revision)) millis = performance.now() - began;
    else await sleep(LOOK_EVERY_MS);
  }
  return { receipt: await answer, calledAt, millis };
}

/** Whether a route newer than a generation has all traffic on one revision. */
export function carriesAll(route: RouteObservation | undefined, before: number, revision: number): boolean {
  if (!route || route.generation <= before) return false;
  return route.targets.some((target) => target.revision === revision && target.weight === 100);
}
