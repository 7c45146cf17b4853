import type { RolloutRef } from '../domain/requests.ts';
import type { Route, RouteObservation } from '../domain/route.ts';
import { InvalidRouteError, type Router, RouterUnreachableError, StaleGenerationError } from '../traffic/router.ts';
import { passing, permanent } from './failures.ts';
import { beating } from './heartbeat.ts';
import type { Journal } from './journal.ts';

export interface ShiftTask {
  ref: RolloutRef;
  route: Route;
  because: string;
}

export interface ReleaseTask extends ShiftTask {
  /** Revisions at weight 0 that `route` no longer lists. */
  revisions: number[];
  deadlineMs: number;
}

/** Changes where a service's traffic goes. The route's generation makes a repeat harmless and an overtaken writer fail. */
export function trafficActivities(router: Router, journal: Journal) {
  /** Writes the route and returns once the router reports that it is what is really happening. */
  async function shift({ ref, route, because }: ShiftTask): Promise<RouteObservation> {
    const step = `${route.generation}`;
    const weights = Object.fromEntries(route.targets.map((target) => [`r${target.revision}`, target.weight]));
    await journal.write(ref, 'route.changing', step, { generation: route.generation, weights }, because);
    const observed = await routing(() => router.apply(route));
    assertFollows(observed, route);
    await journal.write(ref, 'route.changed', step, { generation: observed.generation, weights }, because);
    return observed;
  }

  return {
    shift,

    /**
     * Takes revisions out of the route once they have nothing in flight, or the deadline has passed. Returns how many
     * requests were still in flight then.
     */
    async release({ ref, route, because, revisions, deadlineMs }: ReleaseTask): Promise<number> {
      const left = await beating((signal) =>
        Promise.all(
          revisions.map((revision) => routing(() => router.drain(ref.service, revision, deadlineMs, signal))),
        ),
      );
      await shift({ ref, route, because });
      return left.reduce((sum, count) => sum + count, 0);
    },

    async removeRoute({ ref, generation }: { ref: RolloutRef; generation: number }): Promise<void> {
      await journal.write(ref, 'route.removing', `${generation}`, { generation });
      await routing(() => router.remove(ref.service, generation));
      await journal.write(ref, 'route.removed', `${generation}`, { generation });
    },
  };
}

/** A router that accepted a route but does something else must not pass for shifted. */
function assertFollows(observed: RouteObservation, route: Route): void {
  const differing = route.targets.filter(
    (target) => observed.targets.find((seen) => seen.revision === target.revision)?.weight !== target.weight,
  );
  if (observed.generation !== route.generation || differing.length > 0) {
    throw passing('Unavailable', `the router reports generation ${observed.generation}, not ${route.generation}`);
  }
}

async function routing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StaleGenerationError || error instanceof InvalidRouteError) {
      throw permanent('RouteRefused', error.message);
    }
    if (error instanceof RouterUnreachableError) throw passing('Unavailable', error.message, error);
    throw error;
  }
}
