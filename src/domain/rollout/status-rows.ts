import type { RolloutKind } from './rollout.ts';
import type { QueuedRollout, RevisionStatus } from './status.ts';

/** A rollout that waits, wherever it is read from. */
interface WaitingRollout {
  number: number;
  kind: RolloutKind;
  revision?: { number: number };
  /** What a rollback goes to. */
  to?: number;
  actor: string;
  queuedAt: string;
}

/** What waits, as people see it. The artifact is whole in the record, and a label in a workflow's state. */
export function buildQueuedRollout(waiting: WaitingRollout, artifact: string | undefined): QueuedRollout {
  const { number, kind, revision, to, actor, queuedAt } = waiting;
  const target = revision?.number ?? to;
  return {
    number,
    kind,
    ...(target === undefined ? {} : { revision: target }),
    ...(artifact === undefined ? {} : { artifact }),
    actor,
    queuedAt,
  };
}

/** A revision with what people have said of it. */
export function addMarks(
  revision: RevisionStatus,
  { pinned = [], bad = [] }: { pinned?: readonly number[] | undefined; bad?: readonly number[] | undefined },
): RevisionStatus {
  return {
    ...revision,
    ...(pinned.includes(revision.number) ? { pinned: true } : {}),
    ...(bad.includes(revision.number) ? { bad: true } : {}),
  };
}
