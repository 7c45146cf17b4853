/** How many requests took up to each bound, and longer than the bound before. */
export interface LatencyCounts {
  /** Rising, in milliseconds. */
  boundsMs: number[];
  /** One for each bound, and one more for what took longer than the last. */
  counts: number[];
}

/** What a router has counted of one revision since it began to count. */
export interface SeriesCounts {
  requests: number;
  errors: number;
  /** Undefined where the router does not measure it. */
  latency?: LatencyCounts;
}

/** What was counted of the new revision and of the one that is live, at one moment, or between two. */
export interface PairCounts {
  candidate: SeriesCounts;
  /** Undefined where nothing is live, or all traffic is the candidate's. */
  baseline?: SeriesCounts;
}

export const NO_COUNTS: SeriesCounts = { requests: 0, errors: 0 };

/**
 * What was counted between two readings. Where any count went down, the router has begun afresh: all that it has now was
 * counted since. What it counted between the reading before and its end is lost.
 */
export function subtractCounts(now: PairCounts, before: PairCounts): PairCounts {
  const { candidate, baseline } = now;
  const isAfresh =
    wentDown(candidate, before.candidate) ||
    (baseline !== undefined && before.baseline !== undefined && wentDown(baseline, before.baseline));
  if (isAfresh) return now;
  return {
    candidate: subtract(candidate, before.candidate),
    ...(baseline === undefined ? {} : { baseline: subtract(baseline, before.baseline ?? baseline) }),
  };
}

export function addPairs(one: PairCounts, other: PairCounts): PairCounts {
  const baseline = other.baseline === undefined ? one.baseline : addCounts(one.baseline ?? NO_COUNTS, other.baseline);
  return { candidate: addCounts(one.candidate, other.candidate), ...(baseline === undefined ? {} : { baseline }) };
}

function wentDown(now: SeriesCounts, before: SeriesCounts): boolean {
  if (now.requests < before.requests || now.errors < before.errors) return true;
  return (now.latency?.counts ?? []).some((count, index) => count < (before.latency?.counts[index] ?? 0));
}

function subtract(now: SeriesCounts, before: SeriesCounts): SeriesCounts {
  const { latency } = now;
  return {
    requests: now.requests - before.requests,
    errors: now.errors - before.errors,
    ...(latency === undefined
      ? {}
      : { latency: withCounts(latency, (count, index) => count - (before.latency?.counts[index] ?? 0)) }),
  };
}

function addCounts(one: SeriesCounts, other: SeriesCounts): SeriesCounts {
  const latency = other.latency ?? one.latency;
  return {
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    ...(latency === undefined
      ? {}
      : {
          latency: withCounts(
            latency,
            (_count, index) => (one.latency?.counts[index] ?? 0) + (other.latency?.counts[index] ?? 0),
          ),
        }),
  };
}

function withCounts(latency: LatencyCounts, count: (count: number, index: number) => number): LatencyCounts {
  return { boundsMs: latency.boundsMs, counts: latency.counts.map(count) };
}
