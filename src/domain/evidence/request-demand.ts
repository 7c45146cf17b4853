import { formatRevisionName } from '../service/revision.ts';
import type { BakeCounts } from './bake-counts.ts';
import type { Verdict } from './checks.ts';

/** The name of its verdict, which no check in a manifest can have. */
export const LEAST_REQUESTS = 'least requests';

/** Whether waiting on could bring what is missing: requests that a router counts. */
export function isDemandOpen(least: number, { requests, isUncounted }: BakeCounts): boolean {
  return !isUncounted && requests !== undefined && requests.served < least;
}

/** How far the requests are, in words: `37 of 100 requests came`. */
export function describeDemand(least: number, { requests }: BakeCounts): string {
  return `${requests?.served ?? 0} of ${least} requests came`;
}

/** What the number of requests says at the end of a bake. Too few are no pass: nobody has seen how the revision does. */
export function judgeDemand(
  revision: number,
  least: number,
  counts: BakeCounts,
  window: Pick<Verdict, 'from' | 'to'>,
): Verdict {
  const { requests, isUncounted } = counts;
  const served = requests?.served ?? 0;
  const uncounted = `the router does not count the requests of ${formatRevisionName(revision)}, of which ${least} are demanded`;
  return {
    check: LEAST_REQUESTS,
    verdict: served < least ? 'inconclusive' : 'pass',
    revision,
    attempts: served,
    passed: served,
    ...window,
    evidence: isUncounted ? uncounted : describeDemand(least, counts),
  };
}
