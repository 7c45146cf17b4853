import { refuseHeld } from '../../rollback/hold.ts';
import { findPredecessor } from '../../rollback/predecessor.ts';
import { findRollbackObstacle, judgeRollback, pickTold } from '../../rollback/safety.ts';
import { findWay } from '../../rollback/way.ts';
import { findRelease } from '../../rollout/release-ahead.ts';
import type { Asked, RequestMeta } from '../requests.ts';
import type { RevisionRef } from '../revision.ts';
import { describeRouter } from '../router.ts';
import { formatServiceId, type SpecRef } from '../service.ts';
import type { SettingChange } from '../setting-change.ts';
import { refuseLongSettings } from '../settings-size.ts';
import { compareSettings } from '../settings.ts';
import { LIMITS, type ServiceState, readRouter } from '../state.ts';
import { type Decision, type Facts, refuseRequest, refuseUnknown } from './decision.ts';
import { queueRollout, buildReceipt } from './queue-rollout.ts';
import { withWay } from './rollback.ts';

type Release = Extract<Asked, { kind: 'apply' | 'deploy' }>;

/** A release was worked out from a description that is not the service's any more: it has to be worked out again. */
export function isOutdated(state: ServiceState, asked: Asked): boolean {
  return asked.kind === 'deploy' && asked.basis !== (state.removed ? undefined : state.spec?.digest);
}

/** A release that is live or on its way is not made again; one that is on hold only where that is asked for. */
export function decideRelease(
  state: ServiceState,
  { release: digest, label, pool, spec }: Release,
  change: RequestMeta,
  facts: Facts,
): Decision {
  const moved = refuseOtherRouter(state, spec);
  if (moved) return moved;
  const long = refuseLongSettings(state.key, spec.settings);
  if (long) return { kind: 'refused', refusal: long };
  const same = findRelease(state, digest);
  const hold = same?.isLive ? undefined : state.holds?.find((each) => each.release === digest);
  if (hold && !change.again) return { kind: 'refused', refusal: refuseHeld(state.key, hold) };
  const changes = compareSettings(state, spec.settings);
  if (same) {
    const answered = buildReceipt(state, same.rollout, same.revision, same.isLive);
    if (changes.length === 0) return { kind: 'answered', receipt: answered, spec };
    return { kind: 'answered', receipt: { ...answered, settings: changes }, spec, changes };
  }
  const back = hold ? undefined : goBackInstead(state, digest, spec, facts);
  if (back !== undefined)
    return withChanges(
      withWay(state, queueRollout(state, { kind: 'rollback', to: back }, spec, change, facts), back, facts),
      changes,
    );
  const crowded = tooManyDepart(state);
  if (crowded) return crowded;
  const revision: RevisionRef = {
    ...{ number: state.lastRevision + 1, release: digest, label },
    ...(pool === undefined ? {} : { pool }),
  };
  const decision = queueRollout(state, { kind: 'deploy', revision }, spec, change, facts);
  if (decision.kind !== 'queued') return decision;
  const lifting = hold ? { ...decision, lifts: hold } : decision;
  return withRollbackSafety(state, withChanges(lifting, changes), revision, facts);
}

function withChanges<Decided extends Decision>(decision: Decided, changes: SettingChange[]): Decided {
  return changes.length > 0 && decision.kind !== 'refused' ? { ...decision, changes } : decision;
}

/** What is known of the way back, by what the release would take the place of if all that is ahead of it succeeds. */
function withRollbackSafety(
  state: ServiceState,
  decision: Extract<Decision, { kind: 'queued' }>,
  { release: digest, label }: RevisionRef,
  { rollbacks = [] }: Facts,
): Decision {
  const { rollbackSafety: demand } = decision.spec.settings;
  const safety = judgeRollback(digest, findPredecessor(state, decision.entry), rollbacks);
  const obstacle = findRollbackObstacle(state.key, label, safety, demand);
  if (obstacle) return refuseRequest('Refused', obstacle.message, obstacle.suggestion);
  const told = pickTold(safety, demand);
  return told ? { ...decision, receipt: { ...decision.receipt, rollback: told } } : decision;
}

/**
 * A service that has a route stays at its router: moving its clients is nothing that Supplant can do in one write, and
 * the one who takes the route away has to know where it is.
 */
function refuseOtherRouter(state: ServiceState, { settings }: SpecRef): Decision | undefined {
  const { key, revisionSet, running, queue } = state;
  const hasRoute = revisionSet.live !== undefined || revisionSet.warm.length > 0;
  if (!hasRoute && !running && queue.length === 0) return undefined;
  const [is, asked] = [describeRouter(readRouter(state)), describeRouter(settings.router)];
  if (is === asked) return undefined;
  return refuseRequest(
    'Refused',
    `the traffic of ${formatServiceId(key)} is split by ${is}, and cannot move to ${asked} while the service stands`,
    'apply it under another name or in another environment and move its clients there; or remove it first',
  );
}

/**
 * A release that is applied anew within the rollback window, while its stack is warm: the service goes back to that rather
 * than to make another one. Only where nothing runs or waits: what such a deployment would be behind may change what is live.
 */
function goBackInstead(state: ServiceState, release: string, spec: SpecRef, { now }: Facts): number | undefined {
  if (!spec.settings.rollbackWindow || state.running || state.queue.length > 0) return undefined;
  const bad = new Set(state.bad);
  const found = state.revisionSet.warm.find(
    (each) => each.revision.release === release && !bad.has(each.revision.number),
  );
  if (!found) return undefined;
  const { number } = found.revision;
  return findWay(state, spec.settings, number, new Date(now)).isAtOnce ? number : undefined;
}

/** What runs or waits brings fresh processes, or takes the release away: either way it is not the one to restart. */
export function decideRestart(state: ServiceState, change: RequestMeta, facts: Facts): Decision {
  if (!state.spec || state.removed) return refuseUnknown(state);
  const id = formatServiceId(state.key);
  const ahead = state.running ?? state.queue[0];
  if (ahead)
    return refuseRequest('Refused', `rollout ${ahead.number} of ${id} is under way`, 'restart it once that is over');
  const live = state.revisionSet.live?.revision;
  if (!live)
    return refuseRequest('Refused', `nothing of ${id} is live`, 'apply its manifest, or go back to a revision');
  const revision: RevisionRef = { ...live, number: state.lastRevision + 1 };
  return tooManyDepart(state) ?? queueRollout(state, { kind: 'deploy', revision }, state.spec, change, facts);
}

function tooManyDepart(state: ServiceState): Decision | undefined {
  if (state.departing.length < LIMITS.departing) return undefined;
  return refuseRequest(
    'Refused',
    `${state.departing.length} stacks of ${formatServiceId(state.key)} wait to be torn down, and no new one is made from ${LIMITS.departing} on`,
    `supplant status ${formatServiceId(state.key)} says what keeps them`,
  );
}
