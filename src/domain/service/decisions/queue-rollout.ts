import { readPool } from '../../pools/pool.ts';
import { findPredecessor } from '../../rollback/predecessor.ts';
import { findWay } from '../../rollback/way.ts';
import { needsBaseline } from '../../rollout/baseline.ts';
import { isPreviewed } from '../../rollout/choose-preview.ts';
import { type PlanOutline, outlinePlan } from '../../rollout/exposure.ts';
import { fitPlan, planRollout } from '../../rollout/plan.ts';
import type { RequestMeta, Receipt } from '../requests.ts';
import { formatServiceId, type SpecRef } from '../service.ts';
import { isTooMuchToCarry } from '../settings-size.ts';
import { type Entry, LIMITS, type ServiceState } from '../state.ts';
import { findSuperseded } from '../superseding.ts';
import { type Decision, type Facts, refuseRequest } from './decision.ts';

/** A rollout with the next number, behind those that wait and are not superseded by it. */
export function queueRollout(
  state: ServiceState,
  what: Pick<Entry, 'kind' | 'revision' | 'to'>,
  spec: SpecRef,
  change: RequestMeta,
  facts: Facts,
): Decision {
  const { settings } = spec;
  const ahead = state.running ?? state.queue[0];
  if (settings.concurrency === 'reject' && ahead && what.kind === 'deploy') {
    const why = `rollout ${ahead.number} of ${formatServiceId(state.key)} is under way, and its policy is to reject others`;
    return refuseRequest(
      'Refused',
      why,
      ahead.putBack ? 'it is being put back; wait for that' : 'wait for it, or abort it first',
    );
  }
  const entry = withBaseline(state, {
    ...what,
    settings,
    number: state.lastRollout + 1,
    actor: change.actor,
    queuedAt: facts.now,
  });
  const { drop, running: putBack } = findSuperseded(state, entry);
  const ends = facts.isSettled ? undefined : putBack?.number;
  const left = { ...state, queue: state.queue.filter((each) => !drop.includes(each)) };
  // What people reach for when it burns has some places of its own.
  const most = what.kind === 'deploy' ? LIMITS.queue : LIMITS.queue + LIMITS.queueSpare;
  const isTooMuch = isTooMuchToCarry(left.queue, entry);
  if (left.queue.length >= most || isTooMuch) {
    return refuseRequest(
      'Refused',
      `${left.queue.length} rollouts of ${formatServiceId(state.key)} wait already, which is as many as may${isTooMuch ? ' with settings of such a length' : ''}`,
      `supplant drop takes one out of the queue; with concurrency: supersede-queued later ones take the place of earlier ones`,
    );
  }
  return {
    kind: 'queued',
    entry,
    spec,
    receipt: {
      ...buildReceipt(left, entry.number, entry.revision?.number ?? entry.to, false, ends),
      ...(entry.revision ? readPool(entry.revision) : {}),
      ...(drop.length === 0 ? {} : { drops: drop.map(({ number }) => number) }),
      ...outlineEntry(state, entry),
    },
  };
}

/** A number for the baseline, recorded with the request like the revision's own. It stays unused where nothing is live by then. */
function withBaseline({ revisionSet, running, queue }: ServiceState, entry: Entry): Entry {
  const { kind, revision, settings } = entry;
  if (kind !== 'deploy' || !revision || !needsBaseline(settings.strategy)) return entry;
  const mayHaveLive = revisionSet.live !== undefined || running !== undefined || queue.length > 0;
  return mayHaveLive ? { ...entry, baseline: revision.number + 1 } : entry;
}

/** How traffic will move, if all that is ahead of it succeeds. To what is gone back to at once it moves so, and to nothing it does not. */
function outlineEntry(state: ServiceState, entry: Entry): { plan?: PlanOutline } {
  const { kind, to, settings, queuedAt } = entry;
  const isAtOnce = to !== undefined && findWay(state, settings, to, new Date(queuedAt)).isAtOnce;
  if (kind === 'remove' || isAtOnce) return {};
  const hasPrevious = findPredecessor(state, entry) !== undefined;
  const steps = fitPlan(planRollout(settings.strategy), { isAtOnce: false, hasPrevious, isBack: kind === 'rollback' });
  const hasBaseline = entry.baseline !== undefined;
  const hasPreview = isPreviewed(kind, settings.strategy);
  return { plan: outlinePlan(steps, settings.router, { hasBaseline, hasPreview }) };
}

/** @param ends the rollout that is put back for its sake: nobody waits for that */
export function buildReceipt(
  state: ServiceState,
  rollout: number,
  revision: number | undefined,
  unchanged: boolean,
  ends?: number,
): Receipt {
  const behind = [...(state.running ? [state.running] : []), ...state.queue].filter(
    ({ number }) => number < rollout && number !== ends,
  );
  return {
    service: state.key,
    rollout,
    ...(revision === undefined ? {} : { revision }),
    unchanged,
    queuedBehind: behind.length,
    ...(ends === undefined ? {} : { ends }),
  };
}
