import type { DeployedRevision } from '../service/revision-set.ts';
import type { ServiceKey } from '../service/service.ts';
import type { CohortRule } from './cohort.ts';
import type { Route, RouteTarget } from './route.ts';

/** Where clients are to connect, and where a revision is looked at. */
type ClientPlace = Pick<Route, 'port' | 'listen' | 'strictPort' | 'preview'>;

/** All traffic to one revision; everything else that stands stays listed at weight 0. */
export function buildRoute(
  service: ServiceKey,
  generation: number,
  target: DeployedRevision,
  idle: readonly DeployedRevision[],
  place: ClientPlace = {},
): Route {
  return buildSplitRoute(service, generation, { target, weight: 100, idle }, place);
}

/** A revision and its share of new requests, in percent. */
export interface RevisionShare {
  revision: DeployedRevision;
  weight: number;
}

/** How traffic is split between a revision and those that have the rest. */
export interface TrafficSplit {
  target: DeployedRevision;
  /** Share of new requests that goes to `target`, 0–100. */
  weight: number;
  /** Has what `target` has not. Needed where that is anything. */
  rest?: DeployedRevision;
  /** What `target` is compared with, and its share, which is none of `target`'s and comes off `rest`. */
  baseline?: RevisionShare;
  /** What else stands. */
  idle: readonly DeployedRevision[];
  /** Requests that `target` gets besides; none unless told. */
  cohort?: CohortRule;
}

/** Traffic split in two, or in three beside a baseline; everything else that stands stays listed at weight 0. */
export function buildSplitRoute(
  service: ServiceKey,
  generation: number,
  { target, weight, rest, baseline, idle, cohort }: TrafficSplit,
  place: ClientPlace = {},
): Route {
  const shares: [DeployedRevision, number][] = [
    [target, weight],
    ...(baseline ? [[baseline.revision, baseline.weight] satisfies [DeployedRevision, number]] : []),
    ...(rest ? [[rest, 100 - weight - (baseline?.weight ?? 0)] satisfies [DeployedRevision, number]] : []),
    ...idle.map((standing): [DeployedRevision, number] => [standing, 0]),
  ];
  const targets: RouteTarget[] = [];
  for (const [{ revision, endpoints }, share] of shares) {
    if (targets.some((each) => each.revision === revision.number)) continue;
    targets.push({ revision: revision.number, endpoints, weight: share });
  }
  const taken = cohort ? { cohort: { revision: target.revision.number, ...cohort } } : {};
  return { service, generation, ...place, ...taken, targets };
}

/**
 * The route of a service that goes with no successor: what is in flight finishes, new requests are told why.
 *
 * @param because what they are told: `web/production is being removed`
 * @param place of a service that does not go, but has nobody to give traffic to yet
 */
export function buildClosedRoute(
  service: ServiceKey,
  generation: number,
  standing: readonly DeployedRevision[],
  because: string,
  place: ClientPlace = {},
): Route {
  const targets = standing.map(({ revision, endpoints }) => ({ revision: revision.number, endpoints, weight: 0 }));
  return { service, generation, ...place, closed: because, targets };
}
