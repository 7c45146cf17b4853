import { CancellationScope } from '@temporalio/workflow';
import { readPool } from '../../domain/pools/pool.ts';
import type { Route } from '../../domain/traffic/route.ts';
import { startTeardown } from '../teardown/take-down.ts';
import type { RolloutContext } from './context.ts';

/**
 * Nothing is compared with the baseline any more: it has no traffic, drains, leaves the route and is destroyed by a teardown of
 * its own, which nobody waits for.
 *
 * @param buildRoute the route as it is, without it, written unless a newer one is
 */
export async function dismissBaseline(
  { baseline, ref, router }: RolloutContext,
  buildRoute: () => Route,
): Promise<void> {
  await baseline?.dismiss(async (revision) => {
    const teardown = {
      ...{ ref, router, revision: revision.number, route: buildRoute() },
      becomes: 'retired' as const,
      because: 'nothing is compared with it any more',
      ...readPool(revision),
      attempts: 0,
      since: new Date().toISOString(),
    };
    await CancellationScope.nonCancellable(() => startTeardown(teardown));
  });
}
