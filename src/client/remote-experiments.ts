import type { Client } from '@connectrpc/connect';
import { fromResults } from '../contract/convert/experiment/results.ts';
import { fromRun } from '../contract/convert/experiment/run.ts';
import { toExperimentSpec } from '../contract/convert/experiment/spec.ts';
import { fromExperiment } from '../contract/convert/experiment/view.ts';
import { toDuration, toTimestamp } from '../contract/convert/time.ts';
import { omitUndefined } from '../contract/convert/given.ts';
import type { ExperimentClient, RunChoice } from '../contract/experiment-client.ts';
import type { ExperimentService, WatchExperimentRunResponse } from '../contract/gen/supplant/v1/experiments_pb.ts';
import { LATEST, names, readNumber } from '../contract/names.ts';
import { ApiError } from '../contract/supplant-client.ts';
import { type ExperimentKey, type ExperimentSpec, formatExperimentId } from '../domain/experiment/experiment.ts';
import type { RunRef, RunResults } from '../domain/experiment/run.ts';
import type { ExperimentView, RunView } from '../domain/experiment/view.ts';
import type { RequestMeta } from '../domain/service/requests.ts';
import { TIMELY, guarded, toMutation, toOptions } from './remote-call.ts';
import { collectPages } from './remote-pages.ts';
import { watchRemotely } from './remote-watch.ts';

/** Talks to a gateway about experiments, over gRPC. */
export class RemoteExperiments implements ExperimentClient {
  readonly #client: Client<typeof ExperimentService>;

  constructor(client: Client<typeof ExperimentService>) {
    this.#client = client;
  }

  apply(spec: ExperimentSpec, change: RequestMeta): Promise<string> {
    const description = { case: 'spec' as const, value: toExperimentSpec(spec) };
    return this.#ask(() => this.#client.applyExperiment({ description, ...toMutation(change) }, toOptions(change)));
  }

  delete(key: ExperimentKey, change: RequestMeta): Promise<string> {
    return this.#ask(() => this.#client.deleteExperiment(toRequest(key, change), toOptions(change)));
  }

  run(key: ExperimentKey, change: RequestMeta): Promise<{ run?: number; effect: string }> {
    return guarded(async () => {
      const { run, effect } = await this.#client.runExperiment(toRequest(key, change), toOptions(change));
      return omitUndefined({ run: readNumber(run), effect });
    });
  }

  pause(key: ExperimentKey, change: RequestMeta): Promise<string> {
    return this.#ask(() => this.#client.pauseExperiment(toRequest(key, change), toOptions(change)));
  }

  resume(key: ExperimentKey, change: RequestMeta): Promise<string> {
    return this.#ask(() => this.#client.resumeExperiment(toRequest(key, change), toOptions(change)));
  }

  backfill(key: ExperimentKey, { from, to }: { from: string; to: string }, change: RequestMeta): Promise<string> {
    const span = omitUndefined({ startTime: toTimestamp(from), endTime: toTimestamp(to) });
    return this.#ask(() => this.#client.backfillExperiment({ ...toRequest(key, change), ...span }, toOptions(change)));
  }

  extend(run: RunChoice, byMs: number, change: RequestMeta): Promise<string> {
    const request = { name: nameOf(run), by: toDuration(byMs), ...toMutation(change) };
    return this.#ask(() => this.#client.extendExperimentRun(request, toOptions(change)));
  }

  stop(run: RunChoice, change: RequestMeta): Promise<string> {
    const request = { name: nameOf(run), ...toMutation(change) };
    return this.#ask(() => this.#client.stopExperimentRun(request, toOptions(change)));
  }

  view(key: ExperimentKey): Promise<ExperimentView> {
    return guarded(async () => {
      const { experiment } = await this.#client.getExperiment({ name: names.experiment(key) }, TIMELY);
      return fromExperiment(sent(experiment, formatExperimentId(key)));
    });
  }

  list(): Promise<ExperimentView[]> {
    return collectPages(Number.POSITIVE_INFINITY, async (pageSize, pageToken) => {
      const page = await this.#client.listExperiments({ pageSize, pageToken }, TIMELY);
      return [page.experiments.map(fromExperiment), page.nextPageToken];
    });
  }

  viewRun(run: RunChoice): Promise<RunView> {
    return guarded(async () => {
      const { run: found } = await this.#client.getExperimentRun({ name: nameOf(run) }, TIMELY);
      return fromRun(sent(found, formatExperimentId(run.experiment)));
    });
  }

  async listRuns(
    key: ExperimentKey,
    { below, limit = 50 }: { below?: number; limit?: number } = {},
  ): Promise<RunView[]> {
    const parent = names.experiment(key);
    // Pages begin with the newest: what is not wanted of them is skipped here.
    const wanted = below === undefined ? limit : Number.POSITIVE_INFINITY;
    const runs = await collectPages(wanted, async (pageSize, pageToken) => {
      const page = await this.#client.listExperimentRuns({ parent, pageSize, pageToken }, TIMELY);
      return [page.runs.map(fromRun), page.nextPageToken];
    });
    return runs.filter(({ status }) => below === undefined || status.run < below).slice(0, limit);
  }

  async *watchRun(run: RunRef, signal: AbortSignal): AsyncGenerator<RunView> {
    const name = names.run(run);
    const watch = (lost: AbortSignal) => this.#client.watchExperimentRun({ name }, { signal: lost });
    for await (const { update } of watchRemotely(watch, isLast, signal)) {
      if (update.case === 'run') yield fromRun(update.value);
    }
  }

  results(run: RunChoice): Promise<{ run: RunView; results: RunResults }> {
    return guarded(async () => {
      const response = await this.#client.getExperimentResults({ name: nameOf(run) }, TIMELY);
      const view = fromRun(sent(response.run, formatExperimentId(run.experiment)));
      return { run: view, results: fromResults(view.status, response) };
    });
  }

  #ask(ask: () => Promise<{ effect: string }>): Promise<string> {
    return guarded(async () => (await ask()).effect);
  }
}

function isLast({ update }: WatchExperimentRunResponse): boolean {
  return update.case === 'run' && fromRun(update.value).status.outcome !== undefined;
}

function toRequest(key: ExperimentKey, change: RequestMeta) {
  return { name: names.experiment(key), ...toMutation(change) };
}

function nameOf({ experiment, run }: RunChoice): string {
  return run === undefined ? `${names.experiment(experiment)}/runs/${LATEST}` : names.run({ experiment, run });
}

function sent<T>(value: T | undefined, of: string): T {
  if (value === undefined) throw new ApiError('INTERNAL', `the gateway sent nothing of ${of}`);
  return value;
}
