import { countAll, estimateCountedShift, findCountedMedian } from '../../statistics/counted-shift.ts';
import type { AnalysisSpec } from './analysis-spec.ts';
import type { AnalysisSubject, Finding } from './finding.ts';
import { estimateLookInflation, readLatencies } from './latency-spread.ts';
import type { AnalysisProgress } from './progress.ts';
import { NO_COUNTS } from './series.ts';
import { describeLatency, describeTooFewLatencies } from './words.ts';

/** Names that no check in a manifest can have. */
export const LATENCY_COMPARISON = 'latency against live';
const FRESH_LATENCY_COMPARISON = 'latency against baseline';

/** As much of the estimate has to be below the whole interval: Kayenta's rule, and its figure. */
const TOLERANCE = 0.25;

/**
 * The new revision's latencies against those of the baseline, at the end of a step: Mann and Whitney's interval about Hodges and
 * Lehmann's estimate. It may not be looked at before, as errors may: the interval is right once. What is left to the
 * confidence is shared by the steps (Bonferroni).
 */
export function findLatency(spec: AnalysisSpec, progress: AnalysisProgress, subject: AnalysisSubject): Finding[] {
  const { compare, leastRequests } = spec;
  if (!compare?.latency || subject.baseline === undefined) return [];
  const { candidate, baseline = NO_COUNTS } = progress.total;
  const check = subject.copyOf === undefined ? LATENCY_COMPARISON : FRESH_LATENCY_COMPARISON;
  const about = { check, counts: candidate };
  const [ours, theirs] = [candidate, baseline].map(({ latency }) => latency ?? { boundsMs: [], counts: [] }) as [
    NonNullable<typeof candidate.latency>,
    NonNullable<typeof candidate.latency>,
  ];
  const [x, y] = [readLatencies(ours), readLatencies(theirs)];
  const measured = { candidate: countAll(x), baseline: countAll(y) };
  if (Math.min(measured.candidate, measured.baseline) < leastRequests) {
    return [{ ...about, verdict: 'inconclusive', evidence: describeTooFewLatencies(spec, measured, subject) }];
  }
  const confidence = 1 - (1 - compare.latency.confidence) / subject.earlier.of;
  const inflation = [
    estimateLookInflation(progress.spread.candidate, ours),
    estimateLookInflation(progress.spread.baseline, theirs),
  ] as const;
  const shift = estimateCountedShift(x, y, confidence, inflation);
  const medians = { candidate: findCountedMedian(x), baseline: findCountedMedian(y) };
  const least = compare.latency.mayRise * medians.baseline;
  const isHigher = shift.low > TOLERANCE * Math.abs(shift.estimate) && shift.estimate > least;
  const numbers = {
    candidateLatencies: measured.candidate,
    baselineLatencies: measured.baseline,
    candidateMedianMs: medians.candidate,
    baselineMedianMs: medians.baseline,
    shiftMs: shift.estimate,
    lowMs: shift.low,
    highMs: shift.high,
    confidence,
    mayRiseMs: least,
  };
  const evidence = describeLatency({ shift, medians, measured, confidence, least }, subject);
  return [{ ...about, verdict: isHigher ? 'fail' : 'pass', evidence, numbers }];
}
