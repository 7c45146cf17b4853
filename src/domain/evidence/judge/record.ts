import type { Verdict } from '../checks.ts';
import type { AnalysisSpec } from './analysis-spec.ts';
import type { AnalysisSubject } from './finding.ts';
import { judgeAnalysis } from './judge.ts';
import { type AnalysisProgress, NO_PROGRESS, takeCounts } from './progress.ts';
import { type CountedWindow, readWindow } from './windows.ts';

/** What the analysis of a step has measured, as it is recorded: all that it takes to judge it anew. */
export interface AnalysisRecord {
  spec: AnalysisSpec;
  subject: AnalysisSubject;
  /** ISO 8601. */
  from: string;
  to: string;
  windows: CountedWindow[];
  /** Latencies and how they hang together cannot be taken apart by windows. */
  progress: Pick<AnalysisProgress, 'looks' | 'total' | 'spread' | 'unmeasured'>;
}

export function recordAnalysis(
  progress: AnalysisProgress,
  about: Pick<AnalysisRecord, 'spec' | 'subject' | 'from' | 'to'>,
): AnalysisRecord {
  const { looks, total, spread, unmeasured, windows } = progress;
  return { ...about, windows, progress: { looks, total, spread, unmeasured } };
}

/**
 * What a record says by other rules, or by the ones it was judged by. Windows that were joined are taken in as one look each:
 * the evidence may differ by a little from what the looks themselves have come to, and means the same.
 */
export function rejudge({ subject, from, to, windows, progress }: AnalysisRecord, spec: AnalysisSpec): Verdict[] {
  const counted = windows.reduce(
    (before, window) => takeCounts(spec, before, readWindow(window), window.to),
    NO_PROGRESS,
  );
  const last = progress.looks > progress.unmeasured.inRow ? { last: progress.total } : {};
  return judgeAnalysis(spec, { ...counted, ...progress, ...last }, subject, { from, to, isOver: true });
}
