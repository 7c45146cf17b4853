import type { Verdict } from '../evidence/checks.ts';

/** What a probe has found of one variant. */
export type Measurement = CheckMeasurement | LoadMeasurement;

export interface CheckMeasurement {
  kind: 'check';
  variant: string;
  probe: string;
  verdict: Verdict['verdict'];
  attempts: number;
  passed: number;
  evidence: string;
  /** ISO 8601. */
  from: string;
  to: string;
}

export interface LoadMeasurement {
  kind: 'load';
  variant: string;
  probe: string;
  /** ISO 8601, without the warm-up. */
  from: string;
  to: string;
  /** Requests that were to be sent and counted. */
  requests: number;
  /** Of these, how many failed: another status than accepted, no answer in time, no connection. */
  errors: number;
  /** The errors in words, the most frequent first, at most 10: `status 503`, `no answer in 5000 ms`. */
  errorKinds: { what: string; count: number }[];
  /** Requests that could not be sent in time, since the machine that probes was too busy: more than a few spoil the figures. */
  late: number;
  /** Of requests that were answered as accepted, in milliseconds. */
  latency?: LatencySummary;
  /** An even sample of at most {@link MOST_SAMPLES} latencies in the order of sending, in milliseconds. */
  samples: number[];
}

/** Enough for intervals that are narrower than anybody acts on; some 12 kB of JSON. */
export const MOST_SAMPLES = 2_000;

/** Quantiles are by the nearest rank over every latency, not over the sample. */
export interface LatencySummary {
  count: number;
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  p999: number;
  max: number;
}

/** How a variant differs from the baseline by one figure of one probe. */
export interface Comparison {
  probe: string;
  variant: string;
  baseline: string;
  /** `latency`, in milliseconds; `errors`, as a share of requests. */
  figure: 'latency' | 'errors';
  /** The test that says so, in words: `Mann–Whitney, Hodges–Lehmann interval`. */
  test: string;
  /** What was measured of each: the median for latencies, the share for errors. */
  baselineValue: number;
  variantValue: number;
  /** How much higher the variant's is, with the interval of the confidence asked for. */
  difference: { estimate: number; low: number; high: number };
  confidence: number;
  counts: { baseline: number; variant: number };
  /** `undecided`: the interval holds 0, or what was measured is too little, or the difference is below the tolerance. */
  verdict: 'higher' | 'lower' | 'undecided';
  /** The same in one sentence. */
  words: string;
}
