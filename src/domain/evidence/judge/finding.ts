import type { EarlierSteps } from '../../statistics/sequential-errors.ts';
import type { Verdict } from '../checks.ts';
import type { RequestSeries } from '../../traffic/request-series.ts';

/** What of a rollout an analysis is about. */
export interface AnalysisSubject {
  /** The new one. */
  revision: number;
  /** What it is compared with; undefined where nothing is live, or all traffic is the new one's. */
  baseline?: number;
  /** The live revision that the baseline is a fresh copy of; absent where the baseline is the live revision itself. */
  copyOf?: number;
  /** Nothing is live that it could be put back to, and it may have no users yet. */
  isFirst?: true;
  /** Its step among those of the rollout that compare. */
  earlier: EarlierSteps;
}

/** What is found of one figure. */
export interface Finding extends Pick<Verdict, 'check' | 'verdict' | 'evidence' | 'numbers'> {
  /** Of the new revision. */
  counts: RequestSeries;
}
