import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { ServiceImpl } from '@connectrpc/connect';
import { readMoment } from '../../config/experiment/time-field.ts';
import type { ExperimentKey } from '../../domain/experiment/experiment.ts';
import { formatExperimentId } from '../../domain/experiment/experiment.ts';
import type { RequestMeta } from '../../domain/service/requests.ts';
import type { ExperimentClient } from '../../contract/experiment-client.ts';
import { omitUndefined } from '../../contract/convert/given.ts';
import { fromTimestamp } from '../../contract/convert/time.ts';
import { toExperiment } from '../../contract/convert/experiment/view.ts';
import type {
  ApplyExperimentRequest,
  BackfillExperimentRequest,
  ExperimentService,
  GetExperimentRequest,
  ListExperimentsRequest,
  RunExperimentRequest,
} from '../../contract/gen/supplant/v1/experiments_pb.ts';
import { names, parseExperimentName } from '../../contract/names.ts';
import { type Call, type Gateway, handleStreaming, handleUnary } from '../call.ts';
import { Faults } from '../faults.ts';
import { readPage, writeToken } from '../pages.ts';
import { readExperimentDescription } from '../read-experiment.ts';
import { type Mutation, readChange } from '../requests.ts';
import {
  extendExperimentRun,
  getExperimentResults,
  getExperimentRun,
  listExperimentRuns,
  stopExperimentRun,
  streamExperimentRun,
} from './experiment-runs.ts';
import { HISTORY_PAGES } from './history.ts';

export function createExperimentHandlers(gateway: Gateway): ServiceImpl<typeof ExperimentService> {
  const verb = (ask: (client: ExperimentClient, key: ExperimentKey, change: RequestMeta) => Promise<string>) =>
    handleUnary(gateway, (request: Mutation & { name: string }, call) => changeExperiment(call, request, ask));
  return {
    applyExperiment: handleUnary(gateway, applyExperiment),
    getExperiment: handleUnary(gateway, getExperiment),
    listExperiments: handleUnary(gateway, listExperiments),
    deleteExperiment: verb((client, key, change) => client.delete(key, change)),
    runExperiment: handleUnary(gateway, runExperiment),
    pauseExperiment: verb((client, key, change) => client.pause(key, change)),
    resumeExperiment: verb((client, key, change) => client.resume(key, change)),
    backfillExperiment: handleUnary(gateway, backfillExperiment),
    getExperimentRun: handleUnary(gateway, getExperimentRun),
    listExperimentRuns: handleUnary(gateway, listExperimentRuns),
    watchExperimentRun: handleStreaming(gateway, streamExperimentRun),
    extendExperimentRun: handleUnary(gateway, extendExperimentRun),
    stopExperimentRun: handleUnary(gateway, stopExperimentRun),
    getExperimentResults: handleUnary(gateway, getExperimentResults),
  };
}

async function applyExperiment(request: ApplyExperimentRequest, call: Call) {
  call.mustBeAllowedSomewhere('experiment');
  const faults = new Faults();
  const read = readExperimentDescription(faults, request.description);
  const change = readChange(faults, request, call.caller.name);
  const spec = faults.settle(read);
  const backend = call.to('experiment', spec.experiment);
  // A copy has what its service has, secrets among it, and runs what its description says.
  for (const { source } of spec.variants) if (source.kind === 'like') call.to('deploy', source.service);
  if (spec.drill) call.to('deploy', spec.drill.service);
  return { effect: await backend.experiments.apply(spec, change) };
}

async function changeExperiment(
  call: Call,
  request: Mutation & { name: string },
  ask: (client: ExperimentClient, key: ExperimentKey, change: RequestMeta) => Promise<string>,
) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseExperimentName(request.name));
  const change = readChange(faults, request, call.caller.name);
  const key = faults.settle(named);
  return { effect: await ask(call.to('experiment', key).experiments, key, change) };
}

async function runExperiment(request: RunExperimentRequest, call: Call) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseExperimentName(request.name));
  const change = readChange(faults, request, call.caller.name);
  const key = faults.settle(named);
  const { run, effect } = await call.to('experiment', key).experiments.run(key, change);
  return { effect, ...omitUndefined({ run: run === undefined ? undefined : names.run({ experiment: key, run }) }) };
}

async function backfillExperiment(request: BackfillExperimentRequest, call: Call) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseExperimentName(request.name));
  const from = readTime(faults, 'start_time', request.startTime);
  const to = readTime(faults, 'end_time', request.endTime);
  const change = readChange(faults, request, call.caller.name);
  const { key, span } = faults.settle(
    named && from !== undefined && to !== undefined ? { key: named, span: { from, to } } : undefined,
  );
  return { effect: await call.to('experiment', key).experiments.backfill(key, span, change) };
}

function readTime(faults: Faults, path: string, timestamp: Timestamp | undefined): string | undefined {
  const text = fromTimestamp(timestamp);
  const time = readMoment(text);
  if (time === undefined) faults.expected(path, 'a time', text ?? '');
  return time;
}

async function getExperiment({ name }: GetExperimentRequest, call: Call) {
  const faults = new Faults();
  const key = faults.settle(faults.take('name', name, parseExperimentName(name)));
  return { experiment: toExperiment(await call.to('view', key).experiments.view(key)) };
}

async function listExperiments(request: ListExperimentsRequest, call: Call) {
  const faults = new Faults();
  const { size, after = '' } = readPage(faults, request, 'experiments', HISTORY_PAGES);
  faults.settle(true);
  const { experiments } = call.gateway.backend;
  const visible = (await experiments.list())
    .map((view) => ({ id: formatExperimentId(view.spec.experiment), view }))
    .filter(({ id, view }) => id > after && call.caller.refusal('view', view.spec.experiment) === undefined)
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const page = visible.slice(0, size);
  const last = visible.length > size ? page.at(-1) : undefined;
  return {
    experiments: page.map(({ view }) => toExperiment(view)),
    nextPageToken: last ? writeToken('experiments', last.id) : '',
  };
}
