import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import { readPool } from '../../domain/pools/pool.ts';
import { buildBaseline } from '../../domain/rollout/baseline.ts';
import { describeAim } from '../../domain/rollout/narrate.ts';
import { findWay } from '../../domain/rollback/way.ts';
import { planRollout } from '../../domain/rollout/plan.ts';
import {
  type DismissedBaseline,
  type RefusedStart,
  type RolloutInput,
  type RolloutResult,
  workflowIds,
} from '../../domain/service/requests.ts';
import type { RolloutKind } from '../../domain/rollout/rollout.ts';
import { type RevisionRef, formatRevisionName } from '../../domain/service/revision.ts';
import { type ServiceSettings, formatServiceId } from '../../domain/service/service.ts';
import {
  type Entry,
  applyBlame,
  applyDismissal,
  findActive,
  findPreviousRevision,
  withRevisionSet,
} from '../../domain/service/state.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../../domain/task-queues.ts';
import { rollout } from '../rollout/rollout.ts';
import { SEARCH_ATTRIBUTES } from '../shared/search-attributes.ts';
import type { ServiceContext } from './context.ts';
import { awaitDetachedRollout } from './detached-rollout.ts';
import { dropHeld } from './holds.ts';
import { recallContracts } from './contracts.ts';
import { recordDropped } from './records.ts';
import { reconcileTerminated } from './terminated-rollout.ts';
import { localFirst } from '../shared/activities.ts';

/** Runs one rollout to its end and takes over the revision set it leaves. */
export async function carryOutRollout(context: ServiceContext, entry: Entry): Promise<void> {
  context.state = {
    ...context.state,
    running: entry,
    queue: context.state.queue.filter(({ number }) => number !== entry.number),
  };
  const input = await prepare(context, entry);
  try {
    const handle = await start(input);
    await context.tellSuperseded(input.number);
    await takeOver(context, entry, await handle.result());
  } catch (error) {
    // It was begun before this service's workflow was, and is not recorded as begun yet.
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      await awaitDetachedRollout(context, entry);
      return;
    }
    // Terminated: a rollout never fails by itself.
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    await reconcileTerminated(context, input);
    if (entry.settings.migrations || context.state.contracts) await recallContracts(context);
  }
  context.endRollout();
}

async function prepare(context: ServiceContext, entry: Entry): Promise<RolloutInput> {
  const { number, kind, actor, settings } = entry;
  const revision = entry.revision ?? (kind === 'rollback' ? await revisionToGoBackTo(context, entry) : undefined);
  const { live } = context.state.revisionSet;
  return {
    v: 2,
    service: context.state.key,
    number,
    kind,
    actor,
    settings,
    plan: planRollout(settings.strategy),
    ...(revision ? { revision } : {}),
    ...(entry.baseline !== undefined && live ? { baseline: buildBaseline(live.revision, entry.baseline) } : {}),
    revisionSet: context.state.revisionSet,
    ...(context.state.pinned?.length ? { pinned: context.state.pinned } : {}),
    ...findSteps(context, kind, settings, revision),
    ...(context.state.contracts ? { hasContracts: true } : {}),
  };
}

/** Why a rollback to what is warm takes all steps, where it does: beyond the window it is a rollout like any other. */
function findSteps(
  { state }: ServiceContext,
  kind: RolloutKind,
  settings: ServiceSettings,
  revision: RevisionRef | undefined,
): Pick<RolloutInput, 'inSteps'> {
  const isWarm = state.revisionSet.warm.some((standing) => standing.revision.number === revision?.number);
  if (kind !== 'rollback' || !revision || !isWarm) return {};
  const { isAtOnce, because } = findWay(state, settings, revision.number, new Date());
  return isAtOnce ? {} : { inSteps: because };
}

async function revisionToGoBackTo({ state }: ServiceContext, entry: Entry): Promise<RevisionRef | undefined> {
  const number = entry.to ?? findPreviousRevision(state);
  if (number === undefined || state.departing.some((stack) => stack.revision === number)) return undefined;
  // Marked after the rollback was accepted.
  if (state.bad?.includes(number)) return undefined;
  const up = findActive(state.revisionSet, number);
  if (up) return up;
  const record = await localFirst('recallRevision', `what is recorded of ${formatRevisionName(number)}`, [
    { service: state.key, number },
  ]);
  if (!record || record.state === 'failed' || record.copyOf !== undefined) return undefined;
  const { release, label } = record;
  return { number, release, label, ...readPool(record) };
}

async function start(input: RolloutInput) {
  const { service, number, kind, revision, actor } = input;
  const what = describeAim({ kind, ...(revision ? { revision: revision.number } : {}) });
  return startChild(rollout, {
    workflowId: workflowIds.rollout(service, number),
    args: [input],
    // A rollout must survive whatever happens to its service's workflow.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    staticSummary: `${what} of ${formatServiceId(service)}`.slice(0, 190),
    staticDetails: `Asked for by ${actor}`,
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.service, value: service.name },
      { key: SEARCH_ATTRIBUTES.environment, value: service.environment },
      { key: SEARCH_ATTRIBUTES.phase, value: 'plan' },
      { key: SEARCH_ATTRIBUTES.actor, value: actor },
      ...(revision ? [{ key: SEARCH_ATTRIBUTES.revision, value: formatRevisionName(revision.number) }] : []),
    ],
  });
}

/** What is still there of a baseline holds back what waits for older releases to be gone. */
async function noteDismissed(context: ServiceContext, entry: Entry, dismissed: DismissedBaseline): Promise<void> {
  const { revision } = dismissed;
  const task = { service: context.state.key, revision, rollout: entry.number };
  const summary = `how the teardown of ${formatRevisionName(revision)} stands`;
  const { isGone } = await localFirst('recallTeardown', summary, [task]);
  if (!isGone) context.state = applyDismissal(context.state, dismissed, new Date().toISOString());
}

async function takeOver(context: ServiceContext, entry: Entry, result: RolloutResult | RefusedStart): Promise<void> {
  if ('refused' in result) {
    // What nobody but this workflow may start was started by it: whoever looked has not found the request on record.
    await recordDropped(context, entry, entry.actor, `it was refused when it was to begin: ${result.refused}`);
    return;
  }
  const { revisionSet, status, blame, dismissed } = result;
  if (dismissed) await noteDismissed(context, entry, dismissed);
  const isDone = status.outcome === 'succeeded';
  context.state = withRevisionSet(context.state, revisionSet, { kind: entry.kind, isDone });
  if (isDone && (entry.settings.migrations || context.state.contracts)) await recallContracts(context);
  if (!blame) return;
  context.state = applyBlame(context.state, blame);
  await dropHeld(context);
}
