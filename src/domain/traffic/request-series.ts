/**
 * What a router has counted of one revision's requests since it began to count. All numbers only grow, until the router is
 * started again: what came between two readings is {@link subtractSeries}.
 */
export interface RequestSeries {
  /** Requests of which the outcome is known: an answer began, there was none, or the client went before there was one. */
  requests: number;
  /** Of these, the failures: answers with a status from 500 on, and the unanswered. */
  errors: number;
  /** Of the errors, the requests that got no answer from the revision, or not all of it. Absent where that is not told apart. */
  unanswered?: number;
  /** Absent where a router measures none. */
  latency?: LatencyHistogram;
}

/**
 * How long requests took until their answer began, in milliseconds, by buckets; of a request without an answer, until it
 * was given up. The body is not part of it: it may be an event stream, which lasts as long as its client likes.
 */
export interface LatencyHistogram {
  /** The upper bounds of the buckets, each included, in ascending order. */
  boundsMs: number[];
  /** How many requests are in each bucket, and at the end those above the last bound: one more than there are bounds. */
  counts: number[];
}

/** What was counted between two readings. All of the later one, where the router has begun afresh in between. */
export function subtractSeries(later: RequestSeries, earlier: RequestSeries | undefined): RequestSeries {
  if (earlier === undefined || later.requests < earlier.requests) return later;
  const { unanswered, latency } = later;
  return {
    requests: later.requests - earlier.requests,
    errors: Math.max(0, later.errors - earlier.errors),
    ...(unanswered === undefined ? {} : { unanswered: Math.max(0, unanswered - (earlier.unanswered ?? 0)) }),
    ...(latency === undefined ? {} : { latency: combine(latency, earlier.latency, (one, other) => one - other) }),
  };
}

/** Both together, of two spans that do not overlap. */
export function addSeries(one: RequestSeries, other: RequestSeries | undefined): RequestSeries {
  if (other === undefined) return one;
  const unanswered = one.unanswered ?? other.unanswered;
  const latency = one.latency ?? other.latency;
  return {
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    ...(unanswered === undefined ? {} : { unanswered: (one.unanswered ?? 0) + (other.unanswered ?? 0) }),
    ...(latency === undefined
      ? {}
      : { latency: one.latency ? combine(latency, other.latency, (left, right) => left + right) : latency }),
  };
}

/**
 * A percentile of latencies in milliseconds, by linear interpolation within its bucket, as Prometheus' `histogram_quantile`
 * has it: off by the width of one bucket at most. Above the last bound it is that bound. Undefined of no requests.
 * @param percent above 0, up to 100
 */
export function estimatePercentile({ boundsMs, counts }: LatencyHistogram, percent: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = (percent / 100) * total;
  let below = 0;
  for (const [index, bound] of boundsMs.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && below + count >= rank) {
      const lower = boundsMs[index - 1] ?? 0;
      return lower + (bound - lower) * ((rank - below) / count);
    }
    below += count;
  }
  return boundsMs.at(-1);
}

/** Of other buckets nothing can be said: those of another version of the router, which was started again. */
function combine(
  histogram: LatencyHistogram,
  other: LatencyHistogram | undefined,
  of: (one: number, other: number) => number,
): LatencyHistogram {
  const { boundsMs } = histogram;
  if (other?.boundsMs.length !== boundsMs.length) return histogram;
  const counts = histogram.counts.map((count, index) => Math.max(0, of(count, other.counts[index] ?? 0)));
  return { boundsMs, counts };
}
