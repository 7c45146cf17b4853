import { type Entry, type ServiceState, findPreviousRevision } from '../service/state.ts';

/** Where a rollback without a revision leads; `sameAs` is the rollback that leads there already. */
export interface Target {
  to?: number;
  sameAs?: Entry;
}

/**
 * The revision that a rollback leads to where it names none:
 * - Nothing runs or waits: the revision that was live before.
 * - Deployments run or wait: the revision that is live now, whatever becomes of them. It is known to work, and stays live
 *   where the running deployment is put back for the rollback.
 * - The last of those is a rollback: the request is that rollback, so that two people who ask at once get it once. A
 *   rollback that is being put back is made once more.
 * - Deployments wait behind a rollback: where that rollback leads.
 */
export function findRollbackTarget(state: ServiceState): Target {
  const ahead = [...(state.running ? [state.running] : []), ...state.queue];
  const last = ahead.at(-1);
  if (last?.kind === 'rollback') return { ...wanted(last), ...(last.putBack ? {} : { sameAs: last }) };
  const earlier = ahead.findLast(({ kind }) => kind === 'rollback');
  const to = earlier?.to ?? (last && state.revisionSet.live?.revision.number) ?? findPreviousRevision(state);
  return to === undefined ? {} : { to };
}

function wanted({ to }: Entry): Target {
  return to === undefined ? {} : { to };
}
