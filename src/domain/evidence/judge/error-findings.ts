import { combineSteps } from '../../statistics/sequential-errors.ts';
import type { AnalysisSpec } from './analysis-spec.ts';
import type { AnalysisSubject, Finding } from './finding.ts';
import type { AnalysisProgress } from './progress.ts';
import { NO_COUNTS } from './series.ts';
import { describeErrorComparison, describeErrorLimit, describeTooFew } from './words.ts';

/** Names that no check in a manifest can have. */
export const ERROR_LIMIT = 'error limit';
export const ERROR_COMPARISON = 'errors against live';
export const FRESH_ERROR_COMPARISON = 'errors against baseline';

/** What the comparison of errors is called, by what it compares with. */
export function nameErrorComparison({ copyOf }: Pick<AnalysisSubject, 'copyOf'>): string {
  return copyOf === undefined ? ERROR_COMPARISON : FRESH_ERROR_COMPARISON;
}

/** The new revision against a limit, in windows of enough requests: of a few, one error is a large share. */
export function findErrorLimit(spec: AnalysisSpec, progress: AnalysisProgress, subject: AnalysisSubject): Finding[] {
  const { errorsAtMost, leastRequests, budgets } = spec;
  const { total, bad } = progress;
  if (errorsAtMost === undefined) return [];
  const counts = total.candidate;
  const numbers = {
    candidateRequests: counts.requests,
    candidateErrors: counts.errors,
    errorsAtMost,
    badWindows: bad.windows,
  };
  const about = { check: ERROR_LIMIT, counts, numbers };
  if (bad.windows > budgets.bad) {
    return [{ ...about, verdict: 'fail', evidence: describeErrorLimit(spec, progress, subject) }];
  }
  if (counts.requests < leastRequests) {
    return [{ ...about, verdict: 'inconclusive', evidence: describeTooFew(spec, progress, subject) }];
  }
  return [{ ...about, verdict: 'pass', evidence: describeErrorLimit(spec, progress, subject) }];
}

/** The new revision's errors against those of the baseline. Only that it errs more is a failure. */
export function findErrors(spec: AnalysisSpec, progress: AnalysisProgress, subject: AnalysisSubject): Finding[] {
  const { compare, leastRequests } = spec;
  if (!compare || subject.baseline === undefined) return [];
  const { candidate, baseline = NO_COUNTS } = progress.total;
  const { logE, worth } = combineSteps(progress.evidence, subject.earlier);
  const numbers = {
    candidateRequests: candidate.requests,
    candidateErrors: candidate.errors,
    baselineRequests: baseline.requests,
    baselineErrors: baseline.errors,
    expectedErrors: progress.evidence.expectedErrors,
    logE,
    worth,
  };
  const about = { check: nameErrorComparison(subject), counts: candidate, numbers };
  const isWorse = logE >= -Math.log(compare.errors.alpha);
  const evidence = describeErrorComparison(progress, subject, { logE, alpha: compare.errors.alpha });
  if (isWorse) return [{ ...about, verdict: 'fail', evidence }];
  if (Math.min(candidate.requests, baseline.requests) < leastRequests) {
    return [{ ...about, verdict: 'inconclusive', evidence: describeTooFew(spec, progress, subject) }];
  }
  return [{ ...about, verdict: 'pass', evidence }];
}
