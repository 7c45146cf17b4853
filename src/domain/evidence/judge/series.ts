import { type RequestSeries, addSeries, subtractSeries } from '../../traffic/request-series.ts';

/** What was counted of the new revision and of the one that is live, at one moment, or between two. */
export interface PairCounts {
  candidate: RequestSeries;
  /** Undefined where nothing is live, or all traffic is the candidate's. */
  baseline?: RequestSeries;
}

export const NO_COUNTS: RequestSeries = { requests: 0, errors: 0 };

/**
 * What was counted between two readings. Where any count of either went down, the router has begun afresh with both: all that
 * it has now was counted since. What it counted between the reading before and its end is lost.
 */
export function subtractPair(now: PairCounts, before: PairCounts): PairCounts {
  const { candidate, baseline } = now;
  const isAfresh =
    wentDown(candidate, before.candidate) ||
    (baseline !== undefined && before.baseline !== undefined && wentDown(baseline, before.baseline));
  if (isAfresh) return now;
  return {
    candidate: subtractSeries(candidate, before.candidate),
    ...(baseline === undefined ? {} : { baseline: subtractSeries(baseline, before.baseline ?? baseline) }),
  };
}

export function addPairs(one: PairCounts, other: PairCounts): PairCounts {
  const baseline = other.baseline === undefined ? one.baseline : addSeries(other.baseline, one.baseline);
  return { candidate: addSeries(other.candidate, one.candidate), ...(baseline === undefined ? {} : { baseline }) };
}

function wentDown(now: RequestSeries, before: RequestSeries): boolean {
  if (now.requests < before.requests || now.errors < before.errors) return true;
  return (now.latency?.counts ?? []).some((count, index) => count < (before.latency?.counts[index] ?? 0));
}
