import {
  ANALYSIS_DEFAULTS,
  type AnalysisSpec,
  DEFAULT_BUDGETS,
} from '../../../../src/domain/evidence/judge/analysis-spec.ts';
import type { AnalysisSubject } from '../../../../src/domain/evidence/judge/finding.ts';
import {
  type AnalysisLook,
  type AnalysisProgress,
  NO_PROGRESS,
  takeLook,
} from '../../../../src/domain/evidence/judge/progress.ts';
import type { PairCounts } from '../../../../src/domain/evidence/judge/series.ts';
import type { RequestSeries } from '../../../../src/domain/traffic/request-series.ts';

export const AT = '2026-11-30T07:00:00.000Z';

const { alpha, confidence, mayRise, leastRequests } = ANALYSIS_DEFAULTS;

export const budgets = DEFAULT_BUDGETS;

export const ERRORS: AnalysisSpec = { compare: { errors: { alpha } }, leastRequests, budgets };
export const LATENCY: AnalysisSpec = {
  compare: { errors: { alpha }, latency: { confidence, mayRise } },
  leastRequests,
  budgets,
};
export const LIMIT: AnalysisSpec = { errorsAtMost: 0.05, leastRequests, budgets };

/** r2 beside r1, in the only step that compares. */
export const SUBJECT: AnalysisSubject = { revision: 2, baseline: 1, earlier: { worth: 0, step: 1, of: 1 } };

export const BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100];

/** `of` requests of which some were errors, and how many took up to each bound. */
export function counted(of: number, errors: number, latencies?: readonly number[]): RequestSeries {
  const latency = latencies && { latency: { boundsMs: BOUNDS_MS, counts: [...latencies] } };
  return { requests: of, errors, ...latency };
}

export function pair(candidate: RequestSeries, baseline?: RequestSeries): PairCounts {
  return { candidate, ...(baseline ? { baseline } : {}) };
}

/** After a look before any request, and these. */
export function progressOf(spec: AnalysisSpec, ...looks: (PairCounts | string)[]): AnalysisProgress {
  const all: AnalysisLook[] = looks.map((look) => ({
    at: AT,
    ...(typeof look === 'string' ? { fault: look } : { counts: look }),
  }));
  return all.reduce(
    (progress, look) => takeLook(spec, progress, look),
    takeLook(spec, NO_PROGRESS, { at: AT, counts: pair(counted(0, 0), counted(0, 0)) }),
  );
}
