import type { Verdict } from './checks.ts';
import { formatRevisionName } from '../service/revision.ts';
import { type RequestSeries, addSeries, subtractSeries } from '../traffic/request-series.ts';
import type { TargetObservation } from '../traffic/route.ts';
import { type FailureLimit, NO_FAILURES, countAllowedUnanswered } from '../service/strategy.ts';

/** What a router has counted of one revision. */
export interface RequestCounts {
  served: number;
  /** Of these, the ones that got no answer from the revision: the router answered them itself. */
  failed: number;
  /** What came of them, where the router counts that. */
  series?: RequestSeries;
}

/** Undefined where the router does not count. */
export function readRequestCounts({ served, failed, series }: TargetObservation): RequestCounts | undefined {
  if (served === undefined || failed === undefined) return undefined;
  return { served, failed, ...(series === undefined ? {} : { series }) };
}

/** What was counted of a revision by those who see more of it than looks do. */
export interface BakeCounts {
  /** Undefined where the router does not list the revision, or does not count. */
  requests?: RequestCounts;
  /** The router lists the revision, and counts nothing. */
  isUncounted?: true;
  /** What somebody else has changed since Supplant wrote the route. */
  changedByOthers?: string;
  /** How often its processes were started again. Undefined where its blueprint cannot know. */
  restarts?: number;
  /** How one of them ended last, in words fit to show. */
  lastEnd?: string;
}

/**
 * What was counted up to a reading, from what was counted up to the one before it. A router that was started again in
 * between has begun to count afresh; what it left unanswered while nobody listened, nobody has counted.
 */
export function addCounts(sum: BakeCounts, last: BakeCounts, now: BakeCounts): BakeCounts {
  const since = countsSince(last, now);
  return {
    ...since,
    ...(since.requests === undefined ? {} : { requests: addRequests(since.requests, sum.requests) }),
    ...(since.restarts === undefined ? {} : { restarts: (sum.restarts ?? 0) + since.restarts }),
  };
}

function addRequests(since: RequestCounts, sum: RequestCounts = { served: 0, failed: 0 }): RequestCounts {
  const series = since.series ? addSeries(since.series, sum.series) : sum.series;
  return {
    served: sum.served + since.served,
    failed: sum.failed + since.failed,
    ...(series === undefined ? {} : { series }),
  };
}

/** Between two readings. */
function countsSince(before: BakeCounts, now: BakeCounts): BakeCounts {
  const { requests, restarts, lastEnd, isUncounted, changedByOthers } = now;
  return {
    ...(requests === undefined ? {} : { requests: requestsSince(requests, before.requests) }),
    ...(restarts === undefined ? {} : { restarts: Math.max(0, restarts - (before.restarts ?? 0)) }),
    ...(lastEnd === undefined ? {} : { lastEnd }),
    ...(isUncounted ? { isUncounted } : {}),
    ...(changedByOthers === undefined ? {} : { changedByOthers }),
  };
}

function requestsSince(now: RequestCounts, before: RequestCounts = { served: 0, failed: 0 }): RequestCounts {
  if (now.served < before.served) return now;
  return {
    served: now.served - before.served,
    failed: Math.max(0, now.failed - before.failed),
    ...(now.series === undefined ? {} : { series: subtractSeries(now.series, before.series) }),
  };
}

/** Names that no check in a manifest can have. */
export const UNANSWERED = 'unanswered requests';
export const RESTARTS = 'process restarts';
export const ROUTE = 'route';

/**
 * What counts say of a revision under traffic: one more request without an answer, or process that ended, than the limit
 * has is a failure. Looks come once a second at best, and a process that ends every few seconds passes most of them.
 */
export function judgeCounts(
  revision: number,
  counts: BakeCounts,
  { from, to, limit = NO_FAILURES }: { from: string; to: string; limit?: FailureLimit | undefined },
): Verdict[] {
  const name = formatRevisionName(revision);
  const verdict = (
    check: string,
    result: Verdict['verdict'],
    attempts: number,
    failed: number,
    evidence: string,
  ): Verdict => ({
    check,
    verdict: result,
    revision,
    attempts,
    passed: attempts - failed,
    from,
    to,
    evidence,
  });
  return [
    ...judgeRequests(name, counts, limit, verdict),
    ...judgeRestarts(name, counts, limit, verdict),
    ...judgeRoute(counts, verdict),
  ];
}

type MakeVerdict = (
  check: string,
  result: Verdict['verdict'],
  attempts: number,
  failed: number,
  evidence: string,
) => Verdict;

/** Whatever was seen meanwhile was not seen with the weights that the step is about. */
function judgeRoute({ changedByOthers }: BakeCounts, verdict: MakeVerdict): Verdict[] {
  return changedByOthers === undefined ? [] : [verdict(ROUTE, 'fail', 1, 1, changedByOthers)];
}

function judgeRequests(
  name: string,
  { requests, isUncounted }: BakeCounts,
  limit: FailureLimit,
  verdict: MakeVerdict,
): Verdict[] {
  // Checks and metrics judge what nobody counts here.
  if (isUncounted) return [];
  if (!requests) return [verdict(UNANSWERED, 'inconclusive', 0, 0, `the router does not list ${name}`)];
  const { served, failed } = requests;
  if (failed === 0) {
    return [verdict(UNANSWERED, 'pass', served, 0, served === 0 ? 'no request came' : `none of ${served} requests`)];
  }
  const allowed = countAllowedUnanswered(limit, served);
  const { unansweredRequests } = limit;
  const may =
    unansweredRequests === 0 ? '' : `; ${allowed} may (failureLimit.unansweredRequests is ${unansweredRequests})`;
  const found = `${failed} of ${served} requests got no answer from ${name}; the router answered them itself (502 or 504), or cut them off${may}`;
  return [verdict(UNANSWERED, failed > allowed ? 'fail' : 'pass', served, Math.min(served, failed), found)];
}

function judgeRestarts(
  name: string,
  { restarts, lastEnd }: BakeCounts,
  { restarts: allowed }: FailureLimit,
  verdict: MakeVerdict,
): Verdict[] {
  if (restarts === undefined) return [];
  if (restarts === 0) return [verdict(RESTARTS, 'pass', 0, 0, `no process of ${name} ended`)];
  const last = lastEnd === undefined ? '' : `; the last one ${lastEnd}`;
  const times = restarts === 1 ? 'once' : `${restarts} times`;
  const may = allowed === 0 ? '' : `; ${allowed} may (failureLimit.restarts)`;
  const found = `a process of ${name} ended and was started again, ${times}${last}${may}`;
  return [verdict(RESTARTS, restarts > allowed ? 'fail' : 'pass', restarts, restarts, found)];
}
