import type { RevisionRef } from '../service/revision.ts';
import type { RevisionSet } from '../service/revision-set.ts';
import { type Entry, type ServiceState, findActive, findLastBegun } from '../service/state.ts';

/**
 * The rollout after which a release is live, if there is one: the last rollout that runs or waits, or, where nothing
 * does, the rollout that ended last. A rollout that is put back leaves what is live now. While its put-back has only been
 * asked for, nobody knows what it leaves, and the release is rolled out once more rather than not at all.
 */
export function findRelease(
  state: ServiceState,
  release: string,
): { rollout: number; revision: number; isLive: boolean } | undefined {
  const { running, queue, revisionSet, lastRollout } = state;
  const last = queue.at(-1) ?? running;
  if (last?.putBack === 'asked') return undefined;
  const ahead = last?.putBack ? undefined : last;
  const current = ahead ? findTarget(ahead, revisionSet) : revisionSet.live?.revision;
  if (current?.release !== release) return undefined;
  const ended = running ? findLastBegun(state) - 1 : lastRollout;
  return { rollout: ahead?.number ?? ended, revision: current.number, isLive: !ahead };
}

/** What a rollout makes live. Of a rollback that is only known where its stack stands. */
function findTarget({ kind, revision, to }: Entry, revisionSet: RevisionSet): RevisionRef | undefined {
  if (kind === 'rollback' && to !== undefined) return findActive(revisionSet, to);
  return revision;
}
