import { findRollbackTarget } from '../../rollout/rollback-target.ts';
import type { Asked, RequestMeta } from '../requests.ts';
import { type ServiceState, findActive } from '../state.ts';
import { type Decision, type Facts, refuseUnknown } from './decision.ts';
import { queueRollout } from './queue-rollout.ts';
import { decideRelease, decideRestart } from './release.ts';
import { decideRollback } from './rollback.ts';

/** The revision that has to be looked up before a request is decided on: it is gone back to and does not stand. */
export function findRevisionInQuestion(state: ServiceState, request: Asked): number | undefined {
  if (request.kind !== 'rollback') return undefined;
  const number = request.to ?? findRollbackTarget(state).to;
  return number === undefined || findActive(state.revisionSet, number) ? undefined : number;
}

/** Decides on a request that was not answered before. */
export function decideRequest(state: ServiceState, request: Asked, change: RequestMeta, facts: Facts): Decision {
  switch (request.kind) {
    case 'apply':
      return decideRelease(state, request, change, facts);
    case 'deploy':
      return state.spec && !state.removed ? decideRelease(state, request, change, facts) : refuseUnknown(state);
    case 'rollback':
      return decideRollback(state, request.to, change, facts);
    case 'restart':
      return decideRestart(state, change, facts);
    case 'remove':
      return remove(state, change, facts);
  }
}

function remove(state: ServiceState, change: RequestMeta, facts: Facts): Decision {
  if (!state.spec || state.removed) return refuseUnknown(state);
  return queueRollout(state, { kind: 'remove' }, state.spec, change, facts);
}
