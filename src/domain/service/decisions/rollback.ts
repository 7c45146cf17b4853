import { describeContracted } from '../../migrations/contract.ts';
import { findWay } from '../../rollback/way.ts';
import { findRollbackTarget } from '../../rollout/rollback-target.ts';
import type { RequestMeta } from '../requests.ts';
import { formatRevisionName } from '../revision.ts';
import { formatServiceId } from '../service.ts';
import { type ServiceState, findActive } from '../state.ts';
import { findSuperseded } from '../superseding.ts';
import { type Decision, type Facts, refuseRequest, refuseUnknown } from './decision.ts';
import { queueRollout, buildReceipt } from './queue-rollout.ts';

/** @param named the revision to go back to; the one before where none is */
export function decideRollback(
  state: ServiceState,
  named: number | undefined,
  change: RequestMeta,
  facts: Facts,
): Decision {
  if (!state.spec || state.removed) return refuseUnknown(state);
  const { to = named, sameAs } = named === undefined ? findRollbackTarget(state) : {};
  if (sameAs) {
    const ends = facts.isSettled ? undefined : findSuperseded(state, sameAs).running?.number;
    return { kind: 'answered', receipt: buildReceipt(state, sameAs.number, to, false, ends) };
  }
  if (to === undefined) {
    const instead = state.running ? 'abort the rollout that runs; that puts everything back' : otherStanding(state);
    return refuseRequest('Refused', `${formatServiceId(state.key)} has no previous revision to go back to`, instead);
  }
  const impossible = cannotGoBackTo(state, to, facts);
  if (impossible) return impossible;
  return withWay(state, queueRollout(state, { kind: 'rollback', to }, state.spec, change, facts), to, facts);
}

/** How a rollback gets there, as things stand: by the window, and by whether a stack is there at all. */
export function withWay(state: ServiceState, decision: Decision, to: number, { now }: Facts): Decision {
  if (decision.kind !== 'queued' || !decision.spec.settings.rollbackWindow) return decision;
  const way = findWay(state, decision.spec.settings, to, new Date(now));
  return { ...decision, receipt: { ...decision.receipt, way } };
}

/** Where a person may want to go when nothing is further back. */
function otherStanding({ key, revisionSet }: ServiceState): string | undefined {
  const names = revisionSet.warm.map(({ revision }) => formatRevisionName(revision.number));
  if (names.length === 0) return undefined;
  return `nothing is further back; ${names.join(', ')} ${names.length === 1 ? 'was' : 'were'} gone back from and still runs: supplant rollback ${formatServiceId(key)} --to ${names[0] ?? ''}`;
}

function cannotGoBackTo(state: ServiceState, target: number, facts: Facts): Decision | undefined {
  const name = formatRevisionName(target);
  if (state.revisionSet.live?.revision.number === target && !state.running && state.queue.length === 0) {
    return refuseRequest('Refused', `${name} is live already`);
  }
  if (state.bad?.includes(target)) {
    return refuseRequest(
      'Refused',
      `${name} is marked bad`,
      'go back to another revision, or deploy its artifact anew',
    );
  }
  const copyOf = facts.revision?.number === target ? facts.revision.copyOf : undefined;
  if (copyOf !== undefined) {
    const of = formatRevisionName(copyOf);
    const why = `${name} was a baseline, a copy of ${of} that a release was compared with`;
    return refuseRequest('Refused', why, `go back to ${of}`);
  }
  const { contractedBy } = state;
  if (contractedBy !== undefined && target < contractedBy) {
    const why = describeContracted(target, contractedBy);
    return refuseRequest('Refused', why, 'deploy its artifact anew, made to fit what is there now');
  }
  if (state.departing.some((stack) => stack.revision === target)) {
    return refuseRequest('Refused', `${name} is being torn down; it can be brought back once it is gone`);
  }
  if (findActive(state.revisionSet, target)) return undefined;
  if (facts.revision?.number !== target) {
    return refuseRequest(
      'NotFound',
      `${formatServiceId(state.key)} has no revision ${name}`,
      `see: supplant history ${formatServiceId(state.key)}`,
    );
  }
  if (facts.revision.state === 'failed')
    return refuseRequest('Refused', `${name} never became live: its rollout failed`);
  return undefined;
}
