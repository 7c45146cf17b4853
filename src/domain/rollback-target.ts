import { type Entry, type ServiceState, previous } from './service-state.ts';

/** Where a rollback leads that names no revision; `sameAs` where one that is under way leads there already. */
export interface Target {
  to?: number;
  sameAs?: Entry;
}

/**
 * What people mean by a rollback that names no revision: away from what is being rolled out, or from what is live where
 * nothing is.
 * - Nothing runs or waits: to the revision that was live before.
 * - Others run or wait: to what is live now, whatever becomes of them. It is the one known to work, and under
 *   `supersede-running` it stays live, since the running rollout is put back.
 * - A rollback is among them: to where that one leads. Two who reach for the same at once get it once.
 */
export function rollbackTarget(state: ServiceState): Target {
  const ahead = [...(state.running ? [state.running] : []), ...state.queue];
  const last = ahead.at(-1);
  if (last?.kind === 'rollback') return { ...wanted(last), sameAs: last };
  const earlier = ahead.findLast(({ kind }) => kind === 'rollback');
  const to = earlier?.to ?? (last && state.lineup.live?.revision.number) ?? previous(state);
  return to === undefined ? {} : { to };
}

function wanted({ to }: Entry): Target {
  return to === undefined ? {} : { to };
}
