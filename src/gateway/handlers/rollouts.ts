import type { ServiceImpl } from '@connectrpc/connect';
import {
  ISO_TIMES,
  type ServiceFacts,
  narrateQueuedRollout,
  narrateRollout,
  pickServiceFacts,
} from '../../domain/rollout/narrate.ts';
import { VERBS, answerVerbNow } from '../../domain/rollout/verbs.ts';
import type { RolloutStatus } from '../../domain/rollout/status.ts';
import type { RolloutVerb } from '../../domain/rollout/verbs.ts';
import type {
  CreateRolloutRequest,
  ExplainRolloutRequest,
  GetRolloutRequest,
  ListRolloutsRequest,
  RolloutService,
} from '../../contract/gen/supplant/v1/rollouts_pb.ts';
import { type Call, type Gateway, handleStreaming, handleUnary } from '../call.ts';
import { toRecordedRollout } from '../../contract/convert/rollout.ts';
import { omitUndefined } from '../../contract/convert/given.ts';
import { Faults } from '../faults.ts';
import { type Found, findRollout, toMessage } from '../find-rollout.ts';
import { parseRevisionName, parseRolloutName, parseServiceName } from '../../contract/names.ts';
import { type Mutation, readArtifact, readChange } from '../requests.ts';
import { HISTORY_PAGES, readHistory } from './history.ts';
import { type Action, type Started, isLeftBy, startRollout } from './start.ts';
import { askRollout } from './verbs.ts';
import { streamRollout } from './watch.ts';

export function createRolloutHandlers(gateway: Gateway): ServiceImpl<typeof RolloutService> {
  const verb = (name: RolloutVerb) =>
    handleUnary(gateway, (request: Mutation & { name: string }, call) => askRollout(call, name, request));
  return {
    createRollout: handleUnary(gateway, createRollout),
    getRollout: handleUnary(gateway, getRollout),
    listRollouts: handleUnary(gateway, listRollouts),
    watchRollout: handleStreaming(gateway, streamRollout),
    promoteRollout: verb('promote'),
    pauseRollout: verb('pause'),
    resumeRollout: verb('resume'),
    abortRollout: verb('abort'),
    retryRollout: verb('retry'),
    approveRollout: verb('approve'),
    rejectRollout: verb('reject'),
    explainRollout: handleUnary(gateway, explainRollout),
  };
}

async function createRollout(request: CreateRolloutRequest, call: Call): Promise<Started> {
  const faults = new Faults();
  const service = faults.take('parent', request.parent, parseServiceName(request.parent));
  const action = readAction(faults, request);
  const change = readChange(faults, request, call.caller.name);
  if (request.breakGlass && action && action.kind !== 'deploy') {
    faults.expected('break_glass', 'it of a deployment only: rollbacks and removals pass all gates', 'true');
  }
  return startRollout(call, faults.settle(service && action && { service, action, change }));
}

function readAction(faults: Faults, { action, parent }: CreateRolloutRequest): Action | undefined {
  switch (action.case) {
    case 'deploy':
      return { kind: 'deploy', artifact: readArtifact(faults, 'deploy.artifact', action.value.artifact) };
    case 'rollback':
      return {
        kind: 'rollback',
        ...omitUndefined({ revision: readTarget(faults, 'rollback.revision', parent, action.value) }),
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
  return { rollouts: all.map(toRecordedRollout), nextPageToken };
}

async function explainRollout({ name }: ExplainRolloutRequest, call: Call) {
  const found = await named(call, name);
  const rollout = toMessage(found);
  if ('queued' in found) {
    const { status, rollout: running } = await call.to('view', found.service).view(found.service);
    const before = status.queue.filter(({ number }) => number < found.queued.number).length;
    const isLeft =
      running !== undefined && found.queued.kind === 'rollback' && isLeftBy(found.queued.revision, running);
    const ahead = before + (status.running === undefined || isLeft ? 0 : 1);
    const sentences = narrateQueuedRollout(found.service, found.queued, ahead, ISO_TIMES);
    const ending = isLeft ? [`It begins once rollout ${running.number} is put back for it.`] : [];
    return { rollout, sentences: [...sentences, ...ending] };
  }
  const verbs = VERBS.map((verb) => {
    const rule = answerVerbNow(verb, found.status, { rollout: found.status });
    return { verb, legal: rule.legal, ...(rule.legal ? { effect: rule.effect } : { refusal: rule.reason }) };
  });
  const beside = await factsBeside(call, found.status);
  return { rollout, sentences: narrateRollout(found.status, ISO_TIMES, beside), verbs };
}

/** What is wrong with the service now: of interest to those who ask about its latest rollout. */
async function factsBeside(call: Call, { service, number }: RolloutStatus): Promise<ServiceFacts> {
  try {
    const view = await call.to('view', service).view(service);
    return view.rollout?.number === number ? pickServiceFacts(view) : {};
  } catch {
    // A removed service has none, and what is asked for is known already.
    return {};
  }
}
