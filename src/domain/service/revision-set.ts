import type { Endpoint, RevisionRef } from './revision.ts';
import type { RetentionSpec } from './service.ts';

/** A revision and where its stack can be reached. */
export interface DeployedRevision {
  revision: RevisionRef;
  endpoints: Endpoint[];
}

/** A revision whose stack is up: the live one, or a warm one. */
export interface ActiveRevision extends DeployedRevision {
  /** When it became live or warm, ISO 8601. */
  since: string;
  /** Until when a warm one is kept, ISO 8601. */
  warmUntil?: string;
}

/** Which revisions of a service stand. */
export interface RevisionSet {
  live?: ActiveRevision;
  /** Most recently live first. */
  warm: ActiveRevision[];
}

/**
 * The revision set after `next` became live. The revision it replaces becomes warm; what retention does not cover is to be
 * retired, oldest first. Pinned ones stay beside those that retention keeps.
 */
export function promoteRevision(
  revisionSet: RevisionSet,
  next: DeployedRevision,
  retention: RetentionSpec,
  now: Date,
  pinned: readonly number[] = [],
): { revisionSet: RevisionSet; retire: ActiveRevision[] } {
  const since = now.toISOString();
  const others = (standing: ActiveRevision): boolean => standing.revision.number !== next.revision.number;
  const replaced = revisionSet.live && others(revisionSet.live) ? [cool(revisionSet.live, retention, now)] : [];
  const candidates = [...replaced, ...revisionSet.warm.filter(others)];
  const isPinned = (standing: ActiveRevision): boolean => pinned.includes(standing.revision.number);
  const counted = candidates.filter((standing) => !isPinned(standing)).slice(0, retention.warm);
  const keep = (standing: ActiveRevision): boolean => isPinned(standing) || counted.includes(standing);
  return {
    revisionSet: {
      live: { revision: next.revision, endpoints: next.endpoints, since },
      warm: candidates.filter(keep),
    },
    retire: candidates.filter((standing) => !keep(standing)).reverse(),
  };
}

function cool(standing: ActiveRevision, retention: RetentionSpec, now: Date): ActiveRevision {
  const warmUntil = new Date(now.getTime() + retention.warmForMs).toISOString();
  return { ...standing, since: now.toISOString(), warmUntil };
}

/** The warm revisions whose time is over. A pinned one's never is. */
export function findExpired(revisionSet: RevisionSet, now: Date, pinned: readonly number[] = []): ActiveRevision[] {
  return revisionSet.warm.filter(
    ({ warmUntil, revision }) =>
      warmUntil !== undefined && warmUntil <= now.toISOString() && !pinned.includes(revision.number),
  );
}

/** The revision set without these revisions. */
export function withoutRevisions(revisionSet: RevisionSet, numbers: readonly number[]): RevisionSet {
  return { ...revisionSet, warm: revisionSet.warm.filter((standing) => !numbers.includes(standing.revision.number)) };
}
