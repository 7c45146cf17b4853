import type { ExperimentClient, ReaperClient, RunChoice } from '../../src/contract/experiment-client.ts';
import { ApiError } from '../../src/contract/supplant-client.ts';
import { type ExperimentKey, type ExperimentSpec, formatExperimentId } from '../../src/domain/experiment/experiment.ts';
import type { RunRef, RunResults } from '../../src/domain/experiment/run.ts';
import type { ExperimentView, RunView } from '../../src/domain/experiment/view.ts';
import type { ReaperReport } from '../../src/domain/reaper/finding.ts';
import type { RequestMeta } from '../../src/domain/service/requests.ts';

/** What the double answers about experiments; what is left out is answered as an empty system would. */
export interface ExperimentAnswers {
  experiments?: ExperimentView[];
  /** How a run stands at one look after the other; the last one stays, and ends what watches. */
  runs?: RunView[];
  results?: RunResults;
  report?: ReaperReport;
  /** The run never ends. */
  endless?: boolean;
}

type Record = (method: string, ...args: unknown[]) => void;

/** A double of what can be done with experiments: does nothing, records what it was asked and answers from a script. */
export class RecordingExperiments implements ExperimentClient {
  readonly #answers: ExperimentAnswers;
  readonly #record: Record;

  constructor(answers: ExperimentAnswers, record: Record) {
    this.#answers = answers;
    this.#record = record;
  }

  async apply(spec: ExperimentSpec, change: RequestMeta): Promise<string> {
    this.#record('applyExperiment', spec, change);
    return 'it is as described';
  }
  async delete(key: ExperimentKey, change: RequestMeta): Promise<string> {
    return this.#asked(key, 'deleteExperiment', key, change);
  }
  async run(key: ExperimentKey, change: RequestMeta): Promise<{ run?: number; effect: string }> {
    const effect = this.#asked(key, 'runExperiment', key, change);
    const run = this.#answers.runs?.[0]?.status.run ?? 12;
    return change.dryRun ? { effect } : { run, effect };
  }
  async pause(key: ExperimentKey, change: RequestMeta): Promise<string> {
    return this.#asked(key, 'pauseExperiment', key, change);
  }
  async resume(key: ExperimentKey, change: RequestMeta): Promise<string> {
    return this.#asked(key, 'resumeExperiment', key, change);
  }
  async backfill(key: ExperimentKey, span: { from: string; to: string }, change: RequestMeta): Promise<string> {
    return this.#asked(key, 'backfill', key, span, change);
  }
  async extend(run: RunChoice, byMs: number, change: RequestMeta): Promise<string> {
    return this.#asked(run.experiment, 'extend', run, byMs, change);
  }
  async stop(run: RunChoice, change: RequestMeta): Promise<string> {
    return this.#asked(run.experiment, 'stop', run, change);
  }

  async view(key: ExperimentKey): Promise<ExperimentView> {
    this.#record('viewExperiment', key);
    return this.#known(key);
  }
  async list(): Promise<ExperimentView[]> {
    this.#record('listExperiments');
    return this.#answers.experiments ?? [];
  }
  async viewRun(run: RunChoice): Promise<RunView> {
    this.#record('viewRun', run);
    this.#known(run.experiment);
    const [first] = this.#answers.runs ?? [];
    if (!first) throw new ApiError('NOT_FOUND', 'there is no such run');
    return first;
  }
  async listRuns(key: ExperimentKey, options?: { below?: number; limit?: number }): Promise<RunView[]> {
    this.#record('listRuns', key, options);
    this.#known(key);
    return this.#answers.runs ?? [];
  }
  async *watchRun(run: RunRef, signal: AbortSignal): AsyncGenerator<RunView> {
    this.#record('watchRun', { experiment: run.experiment, run: run.run });
    yield* this.#answers.runs ?? [];
    if (this.#answers.endless)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
  async results(choice: RunChoice): Promise<{ run: RunView; results: RunResults }> {
    this.#record('results', choice);
    this.#known(choice.experiment);
    const run = this.#answers.runs?.at(-1);
    const { results } = this.#answers;
    if (!run || !results) throw new ApiError('NOT_FOUND', 'there are no results of that run');
    return { run, results };
  }

  #asked(key: ExperimentKey, method: string, ...args: unknown[]): string {
    this.#record(method, ...args);
    this.#known(key);
    return `${method} it is`;
  }

  #known(key: ExperimentKey): ExperimentView {
    const id = formatExperimentId(key);
    const found = this.#answers.experiments?.find(({ spec }) => formatExperimentId(spec.experiment) === id);
    if (!found) throw new ApiError('NOT_FOUND', `there is no experiment '${id}'`);
    return found;
  }
}

/** A double of the reaper. */
export class RecordingReaper implements ReaperClient {
  readonly #answers: ExperimentAnswers;
  readonly #record: Record;

  constructor(answers: ExperimentAnswers, record: Record) {
    this.#answers = answers;
    this.#record = record;
  }

  async report(options?: { includeOwned?: boolean }): Promise<ReaperReport> {
    this.#record('reaperReport', options);
    return this.#answers.report ?? { findings: [], owned: 0 };
  }
  async run(options: { skipGrace?: boolean }, change: RequestMeta): Promise<string> {
    this.#record('runReaper', options, change);
    return 'it looks now';
  }
}
