/**
 * How a bake holds the new revision against a limit, and against the revision that is live meanwhile, by what the router
 * counts of both. Not against what was measured another day: traffic is never the same.
 */
export interface AnalysisSpec {
  /** The share of the new revision's requests that may be errors: 0.05 is 5 %. Needs nothing to compare with. */
  errorsAtMost?: number;
  /** Comparisons with a baseline; only where both have traffic. */
  compare?: ComparisonSpec;
  /** Fewer requests of either say nothing. */
  leastRequests: number;
  budgets: AnalysisBudgets;
  /** It is told and recorded what it found, and nothing follows from it. */
  dryRun?: boolean;
}

export interface ComparisonSpec {
  /** What the new revision is held against; `live` unless told. */
  baseline?: BaselineKind;
  errors: ErrorComparison;
  latency?: LatencyComparison;
}

/**
 * What a new revision is compared with. Both run now, under the same traffic.
 * - `live`: the revision that is live, which has been running for longer.
 * - `fresh`: a copy of that, made beside the new one and gone again with the comparison.
 */
export const BASELINE_KINDS = ['live', 'fresh'] as const;
export type BaselineKind = (typeof BASELINE_KINDS)[number];

export interface ErrorComparison {
  /** The chance of a false alarm in a whole rollout, however often it is looked: 0.05. */
  alpha: number;
}

export interface LatencyComparison {
  /** Of the interval, as a share: 0.98. The steps of a rollout share what is left of it. */
  confidence: number;
  /** A smaller rise is no failure; a part of the median of what is live: 0.25. */
  mayRise: number;
}

/** What an analysis forgives, each kind apart: what is bad, what could not be measured, and what nobody can tell. */
export interface AnalysisBudgets {
  /** How many windows of `leastRequests` requests may have more errors than `errorsAtMost`. */
  bad: number;
  /** How many looks in a row may fail to read the counts. */
  unmeasured: number;
  /** How many figures may be undecided at the end of a step, for want of requests. Where there were none at all, it never passes. */
  undecided: number;
}

/** Argo Rollouts' `failureLimit`, `consecutiveErrorLimit` and `inconclusiveLimit`. */
export const DEFAULT_BUDGETS: AnalysisBudgets = { bad: 0, unmeasured: 4, undecided: 0 };

/**
 * 5 % as everywhere; Kayenta's confidence. A quarter: with thousands of requests any difference is a sure one, and one that
 * nobody notices is no reason to go back. Of 100 requests, one error is a percentage point already.
 */
export const ANALYSIS_DEFAULTS = { alpha: 0.05, confidence: 0.98, mayRise: 0.25, leastRequests: 100 } as const;

/** `errors at most 0.05, errors against live (alpha 0.05), 100 requests at least, budgets 0, 4, 0`, for people. */
export function describeAnalysis(analysis: AnalysisSpec | undefined): string {
  if (!analysis) return 'none';
  const { errorsAtMost, compare, leastRequests, budgets, dryRun } = analysis;
  const latency = compare?.latency;
  const other = compare?.baseline === 'fresh' ? 'a fresh baseline' : 'live';
  return [
    ...(errorsAtMost === undefined ? [] : [`errors at most ${errorsAtMost}`]),
    ...(compare ? [`errors against ${other} (alpha ${compare.errors.alpha})`] : []),
    ...(latency ? [`latency against ${other} (confidence ${latency.confidence}, may rise by ${latency.mayRise})`] : []),
    `${leastRequests} requests at least`,
    `${budgets.bad} bad, ${budgets.unmeasured} unmeasured, ${budgets.undecided} undecided`,
    ...(dryRun ? ['a dry run'] : []),
  ].join(', ');
}
