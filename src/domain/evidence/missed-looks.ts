import { type Verdict, isAccepted } from './checks.ts';

/** What nobody has looked at for longer is not made up for any more, in milliseconds: a new revision must not hang for hours. */
const MOST_MADE_UP_MS = 5 * 60_000;

/**
 * For how long a bake goes on beyond its end, at most, where nothing is decided by then: for as long as nobody has looked, since its
 * worker was lost, and never longer than it was to last. All moments are on one clock.
 *
 * @param latest when the attempts before looked last, as far as anybody has heard of it
 * @param now when the next attempt began
 */
export function computeMissedMs(
  bake: { since: string; until: string },
  latest: string | undefined,
  now: number,
): number {
  const lastsMs = Date.parse(bake.until) - Date.parse(bake.since);
  const missedMs = now - Date.parse(latest ?? bake.since);
  return Math.max(0, Math.min(missedMs, computeMostMissedMs(lastsMs)));
}

/** For how long a bake of that length goes on beyond its end where its worker is lost, at most. Both in milliseconds. */
export function computeMostMissedMs(bakeMs: number): number {
  return Math.min(bakeMs, MOST_MADE_UP_MS);
}

/** Nothing speaks against the revision but that too little is known of it. */
export function isUndecided(verdicts: readonly Verdict[]): boolean {
  const open = verdicts.filter((verdict) => !isAccepted(verdict));
  return open.length > 0 && open.every(({ verdict }) => verdict === 'inconclusive');
}
