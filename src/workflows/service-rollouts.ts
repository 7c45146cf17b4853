import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import { aim } from '../domain/details.ts';
import { type RolloutInput, type RolloutResult, workflowIds } from '../domain/requests.ts';
import { type Revision, revisionName } from '../domain/revision.ts';
import { serviceId } from '../domain/service.ts';
import { type Entry, previous, remember, standing } from '../domain/service-state.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../domain/task-queues.ts';
import { rollout } from './rollout.ts';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';
import type { ServiceDesk } from './service-desk.ts';
import { outlast } from './service-orphan.ts';
import { salvage } from './service-salvage.ts';
import { quickly } from './steps.ts';

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
    // It was begun before this service's workflow was, and is not on record as begun yet.
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      await outlast(desk, entry);
      return;
    }
    // Terminated: a rollout never fails by itself.
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    await salvage(desk, input);
  }
  desk.over();
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
