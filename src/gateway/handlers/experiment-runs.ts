import type { MessageInitShape } from '@bufbuild/protobuf';
import { fromDuration } from '../../contract/convert/time.ts';
import { toResults } from '../../contract/convert/experiment/results.ts';
import { toRun } from '../../contract/convert/experiment/run.ts';
import type {
  ExtendExperimentRunRequest,
  GetExperimentResultsRequest,
  GetExperimentRunRequest,
  ListExperimentRunsRequest,
  StopExperimentRunRequest,
  WatchExperimentRunRequest,
  WatchExperimentRunResponseSchema,
} from '../../contract/gen/supplant/v1/experiments_pb.ts';
import type { RunChoice } from '../../contract/experiment-client.ts';
import { parseExperimentName, parseRunName } from '../../contract/names.ts';
import type { Call } from '../call.ts';
import { Faults } from '../faults.ts';
import { readPage, writeToken } from '../pages.ts';
import { readChange } from '../requests.ts';
import { breakSilence } from '../watch/break-silence.ts';
import { HISTORY_PAGES } from './history.ts';
import { StreamLife } from './stream-life.ts';

export async function getExperimentRun({ name }: GetExperimentRunRequest, call: Call) {
  const choice = readChoice(name);
  return { run: toRun(await call.to('view', choice.experiment).experiments.viewRun(choice)) };
}

export async function getExperimentResults({ name }: GetExperimentResultsRequest, call: Call) {
  const choice = readChoice(name);
  const { run, results } = await call.to('view', choice.experiment).experiments.results(choice);
  return { run: toRun(run), ...toResults(results) };
}

/** What is new since the first page does not shift the others: a token names the number it goes on below. */
export async function listExperimentRuns(request: ListExperimentRunsRequest, call: Call) {
  const { parent } = request;
  const faults = new Faults();
  const named = faults.take('parent', parent, parseExperimentName(parent));
  const of = `runs ${parent}`;
  const { size, after } = readPage(faults, request, of, HISTORY_PAGES);
  const key = faults.settle(named);
  const below = after === undefined ? {} : { below: Number(after) };
  const found = await call.to('view', key).experiments.listRuns(key, { ...below, limit: size + 1 });
  const page = found.slice(0, size);
  const last = found.length > size ? page.at(-1) : undefined;
  return { runs: page.map(toRun), nextPageToken: last ? writeToken(of, String(last.status.run)) : '' };
}

export async function extendExperimentRun(request: ExtendExperimentRunRequest, call: Call) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRunName(request.name));
  const byMs = fromDuration(request.by, 0);
  if (byMs <= 0) faults.expected('by', 'a duration of more than 0', request.by ? `${byMs} ms` : '');
  const change = readChange(faults, request, call.caller.name);
  const choice = faults.settle(named);
  return { effect: await call.to('experiment', choice.experiment).experiments.extend(choice, byMs, change) };
}

export async function stopExperimentRun(request: StopExperimentRunRequest, call: Call) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRunName(request.name));
  const change = readChange(faults, request, call.caller.name);
  const choice = faults.settle(named);
  return { effect: await call.to('experiment', choice.experiment).experiments.stop(choice, change) };
}

/** Follows a run to its end. */
export async function* streamExperimentRun(
  { name }: WatchExperimentRunRequest,
  call: Call,
): AsyncGenerator<MessageInitShape<typeof WatchExperimentRunResponseSchema>> {
  const choice = readChoice(name);
  const { experiment } = choice;
  const { experiments } = call.to('view', experiment);
  const first = await experiments.viewRun(choice);
  using life = await StreamLife.of(call, { permission: 'view', service: experiment, endsWithCredentials: false });
  for await (const view of breakSilence(experiments.watchRun(first.status, life.signal))) {
    yield { update: view ? { case: 'run', value: toRun(view) } : { case: 'heartbeat', value: {} } };
  }
  life.end();
}

function readChoice(name: string): RunChoice {
  const faults = new Faults();
  return faults.settle(faults.take('name', name, parseRunName(name)));
}
