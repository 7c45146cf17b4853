import { isDeepStrictEqual } from 'node:util';
import { Context } from '@temporalio/activity';
import { STOPPED, describeStop, findStop } from '../domain/gates/stop.ts';
import type { ChangeStopLog } from '../store/change-stops/log.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import { formatRevisionName } from '../domain/service/revision.ts';
import { describeCohort } from '../domain/traffic/cohort.ts';
import type { DrainReport, Route, RouteObservation } from '../domain/traffic/route.ts';
import type { RouterSpec } from '../domain/service/service.ts';
import {
  InvalidRouteError,
  RouteChangedError,
  type RouterLookup,
  RouterUnreachableError,
  StaleGenerationError,
  TargetsNotReadyError,
} from '../routing/router.ts';
import { createPassingFailure, createPermanentFailure } from './failures.ts';
import { withHeartbeats } from './heartbeat.ts';
import type { Journal } from './journal.ts';

/**
 * What becomes of a route that somebody else has changed; it is recorded in any case. Unless told, nothing is written, for
 * good.
 * - `overwrite`: weights are overwritten. Whatever else somebody has put there stays, and nothing is written, for good.
 * - `insist`: the same, but it is tried on until whoever put something else there has taken it away.
 */
export type ChangePolicy = 'overwrite' | 'insist';

export interface ShiftTask {
  ref: RolloutRef;
  /** Where the route is written. */
  router: RouterSpec;
  route: Route;
  because: string;
  changed?: ChangePolicy;
  /** Nothing is written while changes are stopped: it fails with {@link STOPPED}, and the stop. */
  unlessStopped?: true;
}

/** A route, before it is written. */
export interface PrepareTask {
  router: RouterSpec;
  route: Route;
}

export interface RouteRemoval {
  ref: RolloutRef;
  router: RouterSpec;
  generation: number;
}

export interface DrainTask {
  ref: RolloutRef;
  router: RouterSpec;
  /** Revisions at weight 0. */
  revisions: number[];
  /** The most that may be waited, in milliseconds. */
  limitMs: number;
  /** When the wait is over, ISO 8601; for attempts that follow a lost one. */
  until: string;
}

/** Changes where a service's traffic goes. The route's generation makes a repeat harmless and an overtaken writer fail. */
export function trafficActivities(routers: RouterLookup, journal: Journal, stops: Pick<ChangeStopLog, 'list'>) {
  /** Writes the route and returns once the router reports that it is what is really happening. */
  async function shift(task: ShiftTask): Promise<RouteObservation> {
    const { ref, router: spec, route, because, changed } = task;
    if (task.unlessStopped) await requireNoStop(stops, ref);
    const step = `${route.generation}`;
    const { generation, targets, closed, cohort, preview } = route;
    const weights = Object.fromEntries(targets.map((target) => [formatRevisionName(target.revision), target.weight]));
    const written = {
      ...{ router: spec.kind, generation, weights },
      ...(closed === undefined ? {} : { closed }),
      ...(cohort === undefined
        ? {}
        : { cohort: { revision: formatRevisionName(cohort.revision), gets: describeCohort(cohort) } }),
      ...(preview?.revision === undefined ? {} : { preview: formatRevisionName(preview.revision) }),
    };
    await journal.write(ref, 'route.changing', step, written, because);
    const router = await routers.of(spec);
    const observed = await routing(() =>
      overOthers(ref, { because, generation, changed }, (accepting) => router.apply(route, accepting)),
    );
    assertFollows(observed, route);
    await journal.write(ref, 'route.changed', step, written, because);
    return observed;
  }

  /** What somebody else has written is recorded before it is overwritten, and whether or not it is. */
  async function overOthers<T>(
    ref: RolloutRef,
    { because, generation, changed }: { because: string; generation: number; changed: ShiftTask['changed'] },
    write: (accepting?: string) => Promise<T>,
  ): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof RouteChangedError)) throw error;
      const found = { found: error.found, change: error.message, isOverwritten: canOverwrite(error, changed) };
      await journal.write(ref, 'route.changed-by-others', `${generation} ${error.found}`, found, because);
      if (canOverwrite(error, changed)) return write(error.found);
      if (changed === 'insist') throw error;
      throw createPermanentFailure('RouteChanged', error.message);
    }
  }

  return {
    shift,

    /** What stands in the way of one more revision, before there is one. */
    async checkRoom({ ref, router }: Pick<ShiftTask, 'ref' | 'router'>): Promise<string[]> {
      return routing(async () => (await (await routers.of(router)).findObstacles?.(ref.service)) ?? []);
    },

    async removeRoute({ ref, router, generation }: RouteRemoval): Promise<void> {
      const removed = { router: router.kind, generation };
      await journal.write(ref, 'route.removing', `${generation}`, removed);
      const because = 'no revision takes traffic any more';
      const at = await routers.of(router);
      await routing(() =>
        overOthers(ref, { because, generation, changed: 'insist' }, (accepting) =>
          at.remove(ref.service, generation, accepting),
        ),
      );
      await journal.write(ref, 'route.removed', `${generation}`, removed);
    },
  };
}

async function requireNoStop(stops: Pick<ChangeStopLog, 'list'>, { service }: RolloutRef): Promise<void> {
  const stop = findStop(await stops.list(), service, Date.now());
  if (stop) throw createPermanentFailure(STOPPED, describeStop(stop), stop);
}

/** What waits for requests to end; see {@link trafficActivities}. */
export function drainActivities(routers: RouterLookup, journal: Journal) {
  return {
    /** Waits until what is to get traffic can take it, by the router's own looks. */
    async prepareRoute({ router, route }: PrepareTask): Promise<void> {
      await withHeartbeats((signal) => routing(async () => (await routers.of(router)).prepare?.(route, signal)));
    },

    /**
     * Waits until revisions have nothing in flight, or the time is over, and records what was left then: it is cut
     * off when their stacks go.
     */
    async drain({ ref, router: spec, revisions, limitMs, until }: DrainTask): Promise<DrainReport[]> {
      const { attempt } = Context.current().info;
      const left = attempt === 1 ? limitMs : Math.min(limitMs, Math.max(0, Date.parse(until) - Date.now()));
      const router = await routers.of(spec);
      return withHeartbeats((signal) =>
        Promise.all(
          revisions.map(async (revision) => {
            const found = await routing(() => router.drain(ref.service, revision, left, signal));
            return recordDrain(journal, ref, { revision, ...found });
          }),
        ),
      );
    },
  };
}

/** A drain ends once: the end that an attempt recorded stands, though the attempt was lost. */
async function recordDrain(journal: Journal, ref: RolloutRef, report: DrainReport): Promise<DrainReport> {
  const step = formatRevisionName(report.revision);
  const { requests, connections, isUncounted, afterMs } = report;
  const counted = isUncounted ? { isUncounted } : { cut: { requests, connections } };
  await journal.writeFirst(ref, 'revision.drained', step, { revision: step, afterMs, ...counted });
  const events = await journal.events(ref);
  const first = events.find(({ type, data }) => type === 'revision.drained' && data.revision === step)?.data;
  if (!first) return report;
  const cut = first.cut as Pick<DrainReport, 'requests' | 'connections'> | undefined;
  const uncounted = { requests: 0, connections: 0, isUncounted: true as const };
  return { revision: report.revision, ...(cut ?? uncounted), afterMs: Number(first.afterMs) };
}

/** A router that accepted a route but does something else must not pass for shifted. */
function assertFollows(observed: RouteObservation, route: Route): void {
  if (!isDeepStrictEqual(observed.cohort, route.cohort)) {
    throw createPassingFailure(
      'Unavailable',
      'the router does not do what it was told of a cohort: its process is of an earlier version of Supplant, start it again',
    );
  }
  if (observed.preview?.revision !== route.preview?.revision) {
    throw createPassingFailure(
      'Unavailable',
      'the router does not do what it was told of a preview address: its process is of an earlier version of Supplant, start it again',
    );
  }
  const differing = route.targets.filter(
    (target) => observed.targets.find((seen) => seen.revision === target.revision)?.weight !== target.weight,
  );
  if (observed.generation !== route.generation || differing.length > 0) {
    throw createPassingFailure(
      'Unavailable',
      `the router reports generation ${observed.generation}, not ${route.generation}`,
    );
  }
}

function canOverwrite({ isOnlyWeights }: RouteChangedError, changed: ShiftTask['changed']): boolean {
  return changed !== undefined && isOnlyWeights;
}

async function routing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StaleGenerationError || error instanceof InvalidRouteError) {
      throw createPermanentFailure('RouteRefused', error.message);
    }
    // When traffic has to go back, it is tried until whoever wrote there has taken it away.
    if (error instanceof RouteChangedError) throw createPassingFailure('RouteChanged', error.message, error);
    if (error instanceof TargetsNotReadyError) throw createPassingFailure('Unavailable', error.message, error);
    if (error instanceof RouterUnreachableError) throw createPassingFailure('Unavailable', error.message, error);
    throw error;
  }
}
