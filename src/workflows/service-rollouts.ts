import {
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import { aim } from '../domain/details.ts';
import { type RolloutInput, type RolloutResult, workflowIds } from '../domain/requests.ts';
import { type Revision, revisionName, stackName } from '../domain/revision.ts';
import { serviceId } from '../domain/service.ts';
import { type Entry, previous, remember, standing } from '../domain/service-state.ts';
import { WRITES_PER_ROLLOUT, generation, routeTo } from '../domain/standing.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../domain/task-queues.ts';
import { rollout } from './rollout.ts';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';
import type { ServiceDesk } from './service-desk.ts';
import { quickly } from './steps.ts';
import { startTeardown } from './take-down.ts';

const RETRY_MS = 30_000;

/** Runs one rollout to its end and takes over the line-up it leaves. */
export async function carryOut(desk: ServiceDesk, entry: Entry): Promise<void> {
  desk.state = {
    ...desk.state,
    running: entry,
    queue: desk.state.queue.filter(({ number }) => number !== entry.number),
  };
  const input = await prepare(desk, entry);
  try {
    const handle = await start(input);
    await desk.tellSuperseded(input.number);
    takeOver(desk, entry, await handle.result());
  } catch (error) {
    // Terminated: a rollout never fails by itself.
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    await salvage(desk, input);
  } finally {
    desk.over();
  }
}

async function prepare(desk: ServiceDesk, entry: Entry): Promise<RolloutInput> {
  const { number, kind, actor, reason, spec } = entry;
  const revision = entry.revision ?? (kind === 'rollback' ? await revisionToGoBackTo(desk, entry) : undefined);
  return {
    v: 1,
    number,
    kind,
    actor,
    ...(reason === undefined ? {} : { reason }),
    spec,
    ...(revision ? { revision } : {}),
    lineup: desk.state.lineup,
    ...(desk.state.pinned?.length ? { pinned: desk.state.pinned } : {}),
  };
}

async function revisionToGoBackTo({ state }: ServiceDesk, entry: Entry): Promise<Revision | undefined> {
  const number = entry.to ?? previous(state);
  if (number === undefined || state.departing.some((stack) => stack.revision === number)) return undefined;
  // Marked after the rollback was accepted.
  if (state.bad?.includes(number)) return undefined;
  const up = standing(state.lineup, number);
  if (up) return up;
  const record = await quickly('recallRevision', `what is on record of ${revisionName(number)}`, [
    { service: state.key, number },
  ]);
  if (!record || record.state === 'failed') return undefined;
  const { state: _state, since: _since, endpoints: _endpoints, ...revision } = record;
  return revision;
}

async function start(input: RolloutInput) {
  const { spec, number, kind, revision, actor, reason } = input;
  const what = aim({ kind, ...(revision ? { revision: revision.number } : {}) });
  return startChild(rollout, {
    workflowId: workflowIds.rollout(spec.service, number),
    args: [input],
    // A rollout must survive whatever happens to its service's workflow.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    staticSummary: `${what} of ${serviceId(spec.service)}`.slice(0, 190),
    staticDetails: `Asked for by ${actor}${reason === undefined ? '' : `: ${reason}`}`,
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.service, value: spec.service.name },
      { key: SEARCH_ATTRIBUTES.environment, value: spec.service.environment },
      { key: SEARCH_ATTRIBUTES.phase, value: 'plan' },
      { key: SEARCH_ATTRIBUTES.actor, value: actor },
      ...(revision ? [{ key: SEARCH_ATTRIBUTES.revision, value: revisionName(revision.number) }] : []),
    ],
  });
}

function takeOver(desk: ServiceDesk, entry: Entry, { lineup, status }: RolloutResult): void {
  const replaced = desk.state.lineup.live?.revision.number;
  desk.state = {
    ...desk.state,
    lineup,
    formerly: remember(desk.state.formerly, replaced, lineup.live?.revision.number),
    // Something asked for behind the removal brings the service back.
    removed: entry.kind === 'remove' && status.outcome === 'succeeded' && desk.state.queue.length === 0,
  };
}

/** Somebody terminated the rollout: what is on record decides what is live, traffic goes there, the rest is taken down. */
export async function salvage(desk: ServiceDesk, input: RolloutInput): Promise<void> {
  const { key } = desk.state;
  const ref = { service: key, number: input.number, actor: 'supplant' };
  const because = 'the rollout was terminated';
  const { lineup } = await quickly('recall', 'what is live, after a terminated rollout', [key]);
  const replaced = desk.state.lineup.live?.revision.number;
  const { revision } = input;
  const settled =
    input.kind === 'remove'
      ? lineup.live === undefined && lineup.warm.length === 0
      : revision !== undefined && revision.number === lineup.live?.revision.number;
  desk.state = {
    ...desk.state,
    lineup,
    formerly: remember(desk.state.formerly, replaced, lineup.live?.revision.number),
    removed: input.kind === 'remove' && settled && desk.state.queue.length === 0,
  };
  const written = generation(input.number, WRITES_PER_ROLLOUT / 2);
  if (lineup.live) {
    const route = routeTo(key, written, lineup.live, lineup.warm);
    await quickly('shift', 'traffic to what is live', [{ ref, route, because }]);
  } else {
    await quickly('removeRoute', 'nothing is live: no route', [{ ref, generation: written }]);
  }
  for (const each of involved(input)) {
    if (!standing(lineup, each.number)) await abandonStack(desk, input, each, because);
  }
  await quickly('close', 'the rollout was terminated', [
    {
      ref,
      kind: input.kind,
      ...(revision ? { revision: revision.number } : {}),
      startedAt: new Date().toISOString(),
      at: new Date().toISOString(),
      outcome: settled ? 'succeeded' : 'failed',
      because,
    },
  ]);
}

/** Every revision whose stack the rollout may have made, or was to take down. */
function involved({ revision, lineup: { live, warm } }: RolloutInput): Revision[] {
  const stood = [...(live ? [live] : []), ...warm].map((each) => each.revision);
  const isNew = revision && !stood.some(({ number }) => number === revision.number);
  return isNew ? [...stood, revision] : stood;
}

async function abandonStack(
  desk: ServiceDesk,
  input: RolloutInput,
  revision: Revision,
  because: string,
): Promise<void> {
  const since = new Date().toISOString();
  const stack = stackName(revision.service, revision.number);
  const leaving = { revision: revision.number, stack, gone: false, since, attempts: 0 };
  desk.state = { ...desk.state, departing: [...desk.state.departing, leaving] };
  await startTeardown({
    v: 1,
    ref: { service: desk.state.key, number: input.number, actor: 'supplant' },
    revision,
    becomes: input.kind === 'deploy' && revision.number === input.revision?.number ? 'failed' : 'retired',
    because,
    attempts: 0,
    since,
    retryMs: RETRY_MS,
  });
}
