import type { ServiceImpl } from '@connectrpc/connect';
import { VERBS, answer } from '../../domain/verbs.ts';
import type { RolloutVerb } from '../../domain/verbs.ts';
import type {
  CreateRolloutRequest,
  ExplainRolloutRequest,
  GetRolloutRequest,
  ListRolloutsRequest,
  RolloutService,
} from '../../gen/supplant/v1/rollouts_pb.ts';
import { type Call, type Gateway, streaming, unary } from '../call.ts';
import { recorded } from '../convert/rollout.ts';
import { given } from '../convert/given.ts';
import { explain, explainQueued } from '../explain.ts';
import { Faults } from '../faults.ts';
import { type Found, findRollout, toMessage } from '../find-rollout.ts';
import { parseRevisionName, parseRolloutName, parseServiceName } from '../names.ts';
import { type Mutation, readArtifact, readChange } from '../requests.ts';
import { HISTORY_PAGES, readHistory } from './history.ts';
import { type Action, type Started, start } from './start.ts';
import { ask } from './verbs.ts';
import { watch } from './watch.ts';

export function rolloutHandlers(gateway: Gateway): ServiceImpl<typeof RolloutService> {
  const verb = (name: RolloutVerb) =>
    unary(gateway, (request: Mutation & { name: string }, call) => ask(call, name, request));
  return {
    createRollout: unary(gateway, createRollout),
    getRollout: unary(gateway, getRollout),
    listRollouts: unary(gateway, listRollouts),
    watchRollout: streaming(gateway, watch),
    promoteRollout: verb('promote'),
    pauseRollout: verb('pause'),
    resumeRollout: verb('resume'),
    abortRollout: verb('abort'),
    retryRollout: verb('retry'),
    approveRollout: verb('approve'),
    explainRollout: unary(gateway, explainRollout),
  };
}

async function createRollout(request: CreateRolloutRequest, call: Call): Promise<Started> {
  const faults = new Faults();
  const service = faults.take('parent', request.parent, parseServiceName(request.parent));
  const action = readAction(faults, request);
  const change = readChange(faults, request, call.caller.name);
  const { validateOnly } = request;
  return start(call, faults.settle(service && action && { service, action, change, validateOnly }));
}

function readAction(faults: Faults, { action, parent }: CreateRolloutRequest): Action | undefined {
  switch (action.case) {
    case 'deploy':
      return { kind: 'deploy', artifact: readArtifact(faults, 'deploy.artifact', action.value.artifact) };
    case 'rollback':
      return {
        kind: 'rollback',
        ...given({ revision: readTarget(faults, 'rollback.revision', parent, action.value) }),
      };
    case 'remove':
      return { kind: 'remove' };
    case undefined:
      faults.expected('action', 'one of deploy, rollback, remove', '');
      return undefined;
  }
}

/** The number of the revision to go back to; undefined for the one before. It has to be one of the service. */
export function readTarget(
  faults: Faults,
  path: string,
  service: string,
  { revision }: { revision: string },
): number | undefined {
  if (revision === '') return undefined;
  const named = faults.take(path, revision, parseRevisionName(revision));
  if (named && !revision.startsWith(`${service}/`)) faults.expected(path, `a revision of ${service}`, revision);
  return named?.number;
}

async function getRollout({ name }: GetRolloutRequest, call: Call) {
  return { rollout: toMessage(await named(call, name)) };
}

async function named(call: Call, name: string): Promise<Found> {
  const faults = new Faults();
  const { service, number } = faults.settle(faults.take('name', name, parseRolloutName(name)));
  return findRollout(call.to('view', service), service, number);
}

async function listRollouts(request: ListRolloutsRequest, call: Call) {
  const { rollouts: all, nextPageToken } = await readHistory(call, request, HISTORY_PAGES, 'rollouts');
  return { rollouts: all.map(recorded), nextPageToken };
}

async function explainRollout({ name }: ExplainRolloutRequest, call: Call) {
  const found = await named(call, name);
  const rollout = toMessage(found);
  if ('queued' in found) {
    const { status } = await call.to('view', found.service).view(found.service);
    const before = status.queue.filter(({ number }) => number < found.queued.number).length;
    const ahead = before + (status.running === undefined ? 0 : 1);
    return { rollout, sentences: explainQueued(found.service, found.queued, ahead) };
  }
  const { outcome, phase, paused } = found.status;
  const verbs = VERBS.map((verb) => {
    const rule = answer(verb, outcome === undefined ? phase : 'closed', { paused, aborting: false });
    return { verb, legal: rule.legal, ...(rule.legal ? { effect: rule.effect } : { refusal: rule.reason }) };
  });
  return { rollout, sentences: explain(found.status), verbs };
}
