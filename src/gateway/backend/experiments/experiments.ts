import type { Client } from '@temporalio/client';
import type { ExperimentClient, RunChoice } from '../../../contract/experiment-client.ts';
import { ApiError } from '../../../contract/supplant-client.ts';
import { type ExperimentKey, type ExperimentSpec, LONGEST_TTL_MS } from '../../../domain/experiment/experiment.ts';
import { type RunRef, type RunResults, formatRunName } from '../../../domain/experiment/run.ts';
import type { ExperimentView, RunView } from '../../../domain/experiment/view.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import type { Store } from '../../../store/store.ts';
import { TASK_QUEUE } from '../../../temporal/target.ts';
import { withApiErrors } from '../errors.ts';
import { mapInOrder } from '../map-in-order.ts';
import { type Span, decideBackfill } from './backfill.ts';
import { type Asked, type ChangeAnswer, type ChangeParts, type Decided, makeChange } from './changes.ts';
import { decideApply, decideDelete, decidePause, decideResume } from './experiment-changes.ts';
import { ExperimentLooks } from './experiment-looks.ts';
import { requireExperiment, requireRun } from './lookup.ts';
import { decideExtend, decideRun, decideStop } from './run-changes.ts';
import type { LookAtRelease } from './releases.ts';
import { RunLooks, type RunPlace } from './run-looks.ts';
import { ExperimentTemporal } from './temporal.ts';
import { watchRun } from './watch-run.ts';

/** So many experiments are looked at at a time for a list. */
const VIEWS_AT_ONCE = 16;

const LIST_LIMIT = 50;

export interface ExperimentsOptions extends RunPlace {
  temporal: Client;
  openStore: () => Promise<Store>;
  /** How long a run may last at most, in milliseconds; {@link LONGEST_TTL_MS} unless told. */
  longestTtlMs?: number;
  /** That of this installation unless told. */
  taskQueue?: string;
  /** Who is asked what is wrong with releases; nobody unless told. */
  look?: LookAtRelease;
}

/** Experiments over the record and Temporal. Keeps no state of its own. */
export class Experiments implements ExperimentClient {
  readonly #options: ExperimentsOptions;
  readonly #temporal: ExperimentTemporal;
  readonly #runs: RunLooks;
  readonly #looks: ExperimentLooks;

  constructor(options: ExperimentsOptions) {
    this.#options = options;
    this.#temporal = new ExperimentTemporal(options.temporal, options.taskQueue ?? TASK_QUEUE);
    this.#runs = new RunLooks(options.temporal, options);
    this.#looks = new ExperimentLooks(this.#temporal, this.#runs);
  }

  apply(spec: ExperimentSpec, change: RequestMeta): Promise<string> {
    const asked = { kind: 'apply', spec } as const;
    return this.#say(spec.experiment, asked, change, (parts) => decideApply(parts, spec, change));
  }

  delete(key: ExperimentKey, change: RequestMeta): Promise<string> {
    return this.#say(key, { kind: 'delete' }, change, (parts) => decideDelete(parts, key, change));
  }

  run(key: ExperimentKey, change: RequestMeta): Promise<ChangeAnswer> {
    return this.#change(key, { kind: 'run' }, change, (parts) => decideRun(parts, key, change));
  }

  pause(key: ExperimentKey, change: RequestMeta): Promise<string> {
    return this.#say(key, { kind: 'pause' }, change, (parts) => decidePause(parts, key, change));
  }

  resume(key: ExperimentKey, change: RequestMeta): Promise<string> {
    return this.#say(key, { kind: 'resume' }, change, (parts) => decideResume(parts, key, change));
  }

  backfill(key: ExperimentKey, span: Span, change: RequestMeta): Promise<string> {
    const asked = { kind: 'backfill', ...span } as const;
    return this.#say(key, asked, change, (parts) => decideBackfill(parts, key, span, change));
  }

  extend(choice: RunChoice, byMs: number, change: RequestMeta): Promise<string> {
    const asked = { kind: 'extend', run: choice.run ?? null, byMs } as const;
    return this.#say(choice.experiment, asked, change, (parts) => decideExtend(parts, choice, byMs, change));
  }

  stop(choice: RunChoice, change: RequestMeta): Promise<string> {
    const asked = { kind: 'stop', run: choice.run ?? null } as const;
    return this.#say(choice.experiment, asked, change, (parts) => decideStop(parts, choice, change));
  }

  view(key: ExperimentKey): Promise<ExperimentView> {
    return withApiErrors(async () => {
      const { experiments } = await this.#options.openStore();
      const record = await requireExperiment(experiments, key);
      return this.#looks.look(experiments, record, (run) => this.#runs.look(run));
    });
  }

  list(): Promise<ExperimentView[]> {
    return withApiErrors(async () => {
      const { experiments } = await this.#options.openStore();
      const records = await experiments.experiments.list();
      const show = this.#runs.recorded.bind(this.#runs);
      return mapInOrder(records, VIEWS_AT_ONCE, (record) => this.#looks.look(experiments, record, show));
    });
  }

  viewRun(choice: RunChoice): Promise<RunView> {
    return withApiErrors(async () => {
      const { experiments } = await this.#options.openStore();
      return this.#runs.look(await requireRun(experiments, choice));
    });
  }

  listRuns(
    key: ExperimentKey,
    { below, limit = LIST_LIMIT }: { below?: number; limit?: number } = {},
  ): Promise<RunView[]> {
    return withApiErrors(async () => {
      const { experiments } = await this.#options.openStore();
      const records = await experiments.runs.list(key, { limit, ...(below === undefined ? {} : { below }) });
      if (records.length === 0) await requireExperiment(experiments, key);
      return records.map((record) => this.#runs.recorded(record));
    });
  }

  watchRun(run: RunRef, signal: AbortSignal): AsyncGenerator<RunView> {
    return watchRun(() => this.viewRun(run), signal);
  }

  results(choice: RunChoice): Promise<{ run: RunView; results: RunResults }> {
    return withApiErrors(async () => {
      const { experiments } = await this.#options.openStore();
      const record = await requireRun(experiments, choice);
      const results = await experiments.results.find(record.status);
      if (results) return { run: await this.#runs.look(record), results };
      const { outcome } = record.status;
      const why =
        outcome === undefined
          ? 'it has measured nothing yet'
          : `it has ${outcome}, and measured nothing, or that was not kept for longer`;
      throw new ApiError('NOT_FOUND', `${formatRunName(record.status)} has no results: ${why}`);
    });
  }

  async #say(
    key: ExperimentKey,
    asked: Asked,
    change: RequestMeta,
    decide: (parts: ChangeParts) => Promise<Decided>,
  ): Promise<string> {
    return (await this.#change(key, asked, change, decide)).effect;
  }

  #change(
    key: ExperimentKey,
    asked: Asked,
    change: RequestMeta,
    decide: (parts: ChangeParts) => Promise<Decided>,
  ): Promise<ChangeAnswer> {
    return withApiErrors(async () => {
      const store = await this.#options.openStore();
      const limits = { longestTtlMs: this.#options.longestTtlMs ?? LONGEST_TTL_MS };
      const { look } = this.#options;
      const parts = { store, temporal: this.#temporal, limits, ...(look ? { look } : {}) };
      return makeChange(store, key, asked, change, () => decide(parts));
    });
  }
}
