import type { RevisionRef } from '../service/revision.ts';
import { type Entry, type ServiceState, findActive } from '../service/state.ts';
import { findSuperseded } from '../service/superseding.ts';

/**
 * The revision that a deployment takes the place of, if all that is ahead of it succeeds: that of the last rollout before
 * it, else what is live. Undefined where that is nothing, or not known yet; what really is live is looked at when the
 * deployment begins.
 */
export function findPredecessor(state: ServiceState, entry: Entry): RevisionRef | undefined {
  const { running, queue, revisionSet } = state;
  const { drop, running: putBack } = findSuperseded(state, entry);
  const ahead = [...(running ? [running] : []), ...queue].filter(
    (each) => each.number < entry.number && each !== putBack && !each.putBack && !drop.includes(each),
  );
  const last = ahead.at(-1);
  if (!last) return revisionSet.live?.revision;
  switch (last.kind) {
    case 'deploy':
      return last.revision;
    case 'rollback':
      return last.to === undefined ? undefined : findActive(revisionSet, last.to);
    case 'remove':
      return undefined;
  }
}
