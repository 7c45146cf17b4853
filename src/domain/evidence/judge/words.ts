import { formatFigure, formatFigures, formatPercentage } from '../../experiment/figures.ts';
import { formatRevisionName } from '../../service/revision.ts';
import type { Interval } from '../../statistics/shift.ts';
import type { AnalysisSpec } from './analysis-spec.ts';
import type { AnalysisSubject } from './finding.ts';
import type { AnalysisProgress } from './progress.ts';
import { NO_COUNTS } from './series.ts';
import type { RequestSeries } from '../../traffic/request-series.ts';

/** `the counts could not be read 5 times in a row, and 4 may be (budgets.unmeasured): nobody answers`. */
export function describeUnmeasured({ unmeasured: { inRow, why } }: AnalysisProgress, mayBe: number): string {
  const times = inRow === 1 ? 'once' : `${inRow} times in a row`;
  return `the counts could not be read ${times}, and ${mayBe} may be (budgets.unmeasured): ${why ?? 'nobody has looked'}`;
}

/** `3 of 1204 requests to r2 were errors (0.249 %), 5 % may be`. */
export function describeErrorLimit(
  { errorsAtMost = 1, budgets }: AnalysisSpec,
  { total, bad }: AnalysisProgress,
  { revision }: AnalysisSubject,
): string {
  const all = `${describeErrors(total.candidate, revision)}; ${percent(errorsAtMost)} may be`;
  if (bad.windows === 0 || !bad.first) return all;
  const { requests, errors } = bad.first;
  const windows = bad.windows === 1 ? 'one window has' : `${bad.windows} windows have`;
  const first = `${errors} of ${requests}${bad.windows === 1 ? '' : ' in the first'}`;
  return `${all}, and ${windows} more (${first}), of ${budgets.bad} that may (budgets.bad)`;
}

/** `34 of 1204 requests to r2 were errors (2.82 %), 41 of 10836 to r1 (0.378 %); of 75 errors 7.5 were to be expected of r2; e = 310, and 20 is enough`. */
export function describeErrorComparison(
  { total, evidence }: AnalysisProgress,
  subject: AnalysisSubject,
  { logE, alpha }: { logE: number; alpha: number },
): string {
  const { revision } = subject;
  const [ours, theirs] = [formatRevisionName(revision), describeBaseline(subject)];
  const other = total.baseline ?? NO_COUNTS;
  const live = `${other.errors} of ${other.requests} to ${theirs} (${percent(shareOf(other))})`;
  const expected =
    evidence.errors === 0
      ? ''
      : `; ${formatFigure(evidence.expectedErrors)} of ${evidence.errors} were to be expected of ${ours}`;
  const sure = `e is ${formatE(logE)}, and ${formatE(-Math.log(alpha))} is enough to go back`;
  return `${describeErrors(total.candidate, revision)}, ${live}${expected}; ${sure}`;
}

/** What is missing for a verdict on errors. */
export function describeTooFew(
  { leastRequests }: AnalysisSpec,
  { total }: AnalysisProgress,
  subject: AnalysisSubject,
): string {
  const { revision, baseline } = subject;
  const live = baseline === undefined ? '' : `, ${describeBaseline(subject)} ${total.baseline?.requests ?? 0}`;
  return `${formatRevisionName(revision)} had ${total.candidate.requests} requests${live}; it takes ${leastRequests} (leastRequests)`;
}

export function describeTooFewLatencies(
  { leastRequests }: AnalysisSpec,
  measured: { candidate: number; baseline: number },
  subject: AnalysisSubject,
): string {
  const ours = `${measured.candidate} latencies of ${formatRevisionName(subject.revision)}`;
  return `${ours} and ${measured.baseline} of ${describeBaseline(subject)} were measured; it takes ${leastRequests} of each (leastRequests)`;
}

/** What the figures of latencies are. Times in milliseconds. */
export interface LatencyFigures {
  shift: Interval;
  medians: { candidate: number; baseline: number };
  measured: { candidate: number; baseline: number };
  confidence: number;
  /** A smaller rise is no failure. */
  least: number;
}

/** `latency of r2 is 4.1 ms (3.2 to 5.0) higher than r1's, whose median is 12.3 ms; it may rise by 3.1 ms (99 % sure; …)`. */
export function describeLatency(
  { shift, medians, measured, confidence, least }: LatencyFigures,
  subject: AnalysisSubject,
): string {
  const [ours, theirs] = [formatRevisionName(subject.revision), describeBaseline(subject)];
  const [size = '', low = '', high = '', may = ''] = formatFigures([shift.estimate, shift.low, shift.high, least]);
  const medianTold = `medians ${formatFigure(medians.candidate)} and ${formatFigure(medians.baseline)} ms`;
  const counts = `${measured.candidate} and ${measured.baseline} latencies`;
  return `latency of ${ours} is ${size} ms (${low} to ${high}) above that of ${theirs}, and ${may} ms may be; ${medianTold}, of ${counts}, ${percent(confidence)} sure`;
}

/** `r1`, or `r3 (a fresh copy of r1)`. */
function describeBaseline({ baseline = 0, copyOf }: AnalysisSubject): string {
  const name = formatRevisionName(baseline);
  return copyOf === undefined ? name : `${name} (a fresh copy of ${formatRevisionName(copyOf)})`;
}

function describeErrors(counts: RequestSeries, revision: number): string {
  const { requests, errors } = counts;
  return `${errors} of ${requests} requests to ${formatRevisionName(revision)} were errors (${percent(shareOf(counts))})`;
}

function shareOf({ requests, errors }: RequestSeries): number {
  return requests === 0 ? 0 : errors / requests;
}

function percent(share: number): string {
  return `${Number(formatPercentage(share))} %`;
}

/** Beyond a million, only its size matters. */
function formatE(logE: number): string {
  const e = Math.exp(Math.min(logE, 700));
  if (e < 0.001) return 'below 0.001';
  return e < 1e6 ? String(Number(e.toPrecision(3))) : `10^${Math.floor(logE / Math.LN10)}`;
}
