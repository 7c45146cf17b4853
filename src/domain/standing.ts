import type { Endpoint, Revision } from './revision.ts';
import type { Route, RouteTarget } from './route.ts';
import type { RetentionSpec, ServiceKey } from './service.ts';

/** A revision and where its stack can be reached. */
export interface Placement {
  revision: Revision;
  endpoints: Endpoint[];
}

/** A revision whose stack is up: the live one, or a warm one. */
export interface Standing extends Placement {
  /** When it became live or warm, ISO 8601. */
  since: string;
  /** Until when a warm one is kept, ISO 8601. */
  warmUntil?: string;
}

/** Which revisions of a service stand. */
export interface Lineup {
  live?: Standing;
  /** Most recently live first. */
  warm: Standing[];
}

/**
 * The line-up after `next` became live. The revision it replaces becomes warm; what retention does not cover is to be
 * retired, oldest first. Pinned ones stay beside those that retention keeps.
 */
export function promote(
  lineup: Lineup,
  next: Placement,
  retention: RetentionSpec,
  now: Date,
  pinned: readonly number[] = [],
): { lineup: Lineup; retire: Standing[] } {
  const since = now.toISOString();
  const others = (standing: Standing): boolean => standing.revision.number !== next.revision.number;
  const replaced = lineup.live && others(lineup.live) ? [cool(lineup.live, retention, now)] : [];
  const candidates = [...replaced, ...lineup.warm.filter(others)];
  const isPinned = (standing: Standing): boolean => pinned.includes(standing.revision.number);
  const counted = candidates.filter((standing) => !isPinned(standing)).slice(0, retention.warm);
  const keep = (standing: Standing): boolean => isPinned(standing) || counted.includes(standing);
  return {
    lineup: {
      live: { revision: next.revision, endpoints: next.endpoints, since },
      warm: candidates.filter(keep),
    },
    retire: candidates.filter((standing) => !keep(standing)).reverse(),
  };
}

function cool(standing: Standing, retention: RetentionSpec, now: Date): Standing {
  const warmUntil = new Date(now.getTime() + retention.warmForMs).toISOString();
  return { ...standing, since: now.toISOString(), warmUntil };
}

/** The warm revisions whose time is over. A pinned one's never is. */
export function expired(lineup: Lineup, now: Date, pinned: readonly number[] = []): Standing[] {
  return lineup.warm.filter(
    ({ warmUntil, revision }) =>
      warmUntil !== undefined && warmUntil <= now.toISOString() && !pinned.includes(revision.number),
  );
}

/** The line-up without these revisions. */
export function without(lineup: Lineup, numbers: readonly number[]): Lineup {
  return { ...lineup, warm: lineup.warm.filter((standing) => !numbers.includes(standing.revision.number)) };
}

/** All traffic to one revision; everything else that stands stays listed at weight 0. */
export function routeTo(
  service: ServiceKey,
  generation: number,
  target: Placement,
  idle: readonly Placement[],
  port?: number,
): Route {
  const targets: RouteTarget[] = [
    { revision: target.revision.number, endpoints: target.endpoints, weight: 100 },
    ...idle
      .filter((standing) => standing.revision.number !== target.revision.number)
      .map((standing) => ({ revision: standing.revision.number, endpoints: standing.endpoints, weight: 0 })),
  ];
  return { service, generation, ...(port === undefined ? {} : { port }), targets };
}

/**
 * Route writes a rollout may make. Generations are `number × this + step`, so they rise over a service's life and a
 * repeated step writes the same one.
 */
export const WRITES_PER_ROLLOUT = 1000;

export function generation(rolloutNumber: number, step: number): number {
  return rolloutNumber * WRITES_PER_ROLLOUT + step;
}
