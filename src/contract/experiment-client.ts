import type { ExperimentKey, ExperimentSpec } from '../domain/experiment/experiment.ts';
import type { RunRef, RunResults } from '../domain/experiment/run.ts';
import type { ExperimentView, RunView } from '../domain/experiment/view.ts';
import type { RequestMeta } from '../domain/service/requests.ts';
import type { ReaperReport } from '../domain/reaper/finding.ts';

/** A run, or the last one of an experiment where no number is given. */
export interface RunChoice {
  experiment: ExperimentKey;
  run?: number;
}

/**
 * Everything that can be done with experiments. Where something changes, the answer is what that does now, in words.
 * Every method fails with `ApiError` and nothing else.
 */
export interface ExperimentClient {
  apply(spec: ExperimentSpec, change: RequestMeta): Promise<string>;
  delete(key: ExperimentKey, change: RequestMeta): Promise<string>;
  /** `run` is absent of a dry run. */
  run(key: ExperimentKey, change: RequestMeta): Promise<{ run?: number; effect: string }>;
  pause(key: ExperimentKey, change: RequestMeta): Promise<string>;
  resume(key: ExperimentKey, change: RequestMeta): Promise<string>;
  /** @param span ISO 8601 */
  backfill(key: ExperimentKey, span: { from: string; to: string }, change: RequestMeta): Promise<string>;
  extend(run: RunChoice, byMs: number, change: RequestMeta): Promise<string>;
  stop(run: RunChoice, change: RequestMeta): Promise<string>;

  view(key: ExperimentKey): Promise<ExperimentView>;
  list(): Promise<ExperimentView[]>;
  viewRun(run: RunChoice): Promise<RunView>;
  /** Newest first, below a number. */
  listRuns(key: ExperimentKey, options?: { below?: number; limit?: number }): Promise<RunView[]>;
  /** How it stands, whenever that has changed, until it is over or `signal` aborts. Survives lost connections. */
  watchRun(run: RunRef, signal: AbortSignal): AsyncGenerator<RunView>;
  results(run: RunChoice): Promise<{ run: RunView; results: RunResults }>;
}

/** What can be asked of the reaper. */
export interface ReaperClient {
  report(options?: { includeOwned?: boolean }): Promise<ReaperReport>;
  /** Has it look now. @param options.skipGrace what has no owner is destroyed at once */
  run(options: { skipGrace?: boolean }, change: RequestMeta): Promise<string>;
}
