import { type ErrorEvidence, NO_EVIDENCE, addErrorLook } from '../../statistics/sequential-errors.ts';
import type { AnalysisSpec } from './analysis-spec.ts';
import { type LatencySpread, addLatencyLook } from './latency-spread.ts';
import { NO_COUNTS, type PairCounts, addPairs, subtractPair } from './series.ts';
import { type CountedWindow, addWindow } from './windows.ts';
import type { RequestSeries } from '../../traffic/request-series.ts';

/** How far the analysis of a step is, after some looks. Small: it is kept across attempts. */
export interface AnalysisProgress {
  looks: number;
  /** As the router had it at the last look that it answered, or when the traffic moved; undefined where neither is known. */
  last?: PairCounts;
  /** Since the step's traffic moved, or since its first look. */
  total: PairCounts;
  /** What the sequential test has not taken in yet: one of the two had no requests. */
  pending: PairCounts;
  evidence: ErrorEvidence;
  spread: { candidate: LatencySpread; baseline: LatencySpread };
  /** What the limit of errors has not been held against yet: there were too few requests. */
  window: RequestSeries;
  /** How many windows had more errors than they may, and what was in the first of these. */
  bad: { windows: number; first?: RequestSeries };
  /** How many looks in a row could not be read, and why the last one could not. */
  unmeasured: { inRow: number; why?: string };
  /** What was counted, for the record. */
  windows: CountedWindow[];
}

const NO_SPREAD: LatencySpread = { looks: 0, between: 0 };

export const NO_PROGRESS: AnalysisProgress = {
  looks: 0,
  total: { candidate: NO_COUNTS },
  pending: { candidate: NO_COUNTS },
  evidence: NO_EVIDENCE,
  spread: { candidate: NO_SPREAD, baseline: NO_SPREAD },
  window: NO_COUNTS,
  bad: { windows: 0 },
  unmeasured: { inRow: 0 },
  windows: [],
};

/** What a look found: counts, or why there are none. */
export type AnalysisLook = { at: string } & ({ counts: PairCounts } | { fault: string });

/** Takes in one more look. Where nothing is known from before, the first one that has counts is what the others are held against. */
export function takeLook(spec: AnalysisSpec, progress: AnalysisProgress, look: AnalysisLook): AnalysisProgress {
  const looks = progress.looks + 1;
  if ('fault' in look) {
    return { ...progress, looks, unmeasured: { inRow: progress.unmeasured.inRow + 1, why: look.fault } };
  }
  const read = { ...progress, looks, last: look.counts, unmeasured: { inRow: 0 } };
  return progress.last ? takeCounts(spec, read, subtractPair(look.counts, progress.last), look.at) : read;
}

/** Takes in what was counted from the look before up to a moment. */
export function takeCounts(
  spec: AnalysisSpec,
  progress: AnalysisProgress,
  since: PairCounts,
  to: string,
): AnalysisProgress {
  const { candidate, baseline } = progress.spread;
  return {
    ...progress,
    ...takeErrors(progress, since),
    ...takeWindow(spec, progress, since.candidate),
    windows: addWindow(progress.windows, since, to),
    total: addPairs(progress.total, since),
    spread: {
      candidate: addLatencyLook(candidate, since.candidate.latency),
      baseline: addLatencyLook(baseline, since.baseline?.latency),
    },
  };
}

function takeErrors(
  { pending, evidence }: AnalysisProgress,
  since: PairCounts,
): Pick<AnalysisProgress, 'pending' | 'evidence'> {
  const { candidate, baseline } = withoutLatency(addPairs(pending, since));
  if (!baseline) return { pending: { candidate }, evidence };
  if (candidate.requests === 0 || baseline.requests === 0) return { pending: { candidate, baseline }, evidence };
  return { pending: { candidate: NO_COUNTS }, evidence: addErrorLook(evidence, { candidate, baseline }) };
}

function withoutLatency({ candidate, baseline }: PairCounts): PairCounts {
  const only = ({ requests, errors }: RequestSeries): RequestSeries => ({ requests, errors });
  return { candidate: only(candidate), ...(baseline ? { baseline: only(baseline) } : {}) };
}

function takeWindow(
  { errorsAtMost, leastRequests }: AnalysisSpec,
  { window, bad }: AnalysisProgress,
  since: RequestSeries,
): Pick<AnalysisProgress, 'window' | 'bad'> {
  const { requests, errors } = { requests: window.requests + since.requests, errors: window.errors + since.errors };
  if (requests < leastRequests) return { window: { requests, errors }, bad };
  const isBad = errorsAtMost !== undefined && errors > errorsAtMost * requests;
  if (!isBad) return { window: NO_COUNTS, bad };
  return { window: NO_COUNTS, bad: { windows: bad.windows + 1, first: bad.first ?? { requests, errors } } };
}
