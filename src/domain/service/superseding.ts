import type { Entry, ServiceState } from './state.ts';

/**
 * What a rollout supersedes: rollouts that leave the queue (`drop`), and the running rollout, which is put back at its
 * next safe point. The policy decides; and whatever the policy, a rollback supersedes deployments, since going back must
 * not wait for what it leaves. A deployment that runs is put back by a rollback to another revision. Deployments that wait
 * leave the queue: begun after the rollback, they would undo it. Those who asked for them are told, and can ask again.
 */
export function findSuperseded(
  state: ServiceState,
  { number, kind, to, settings }: Entry,
): { drop: Entry[]; running?: Entry } {
  const { concurrency } = settings;
  const { running } = state;
  const supersedes = concurrency === 'supersede-queued' || concurrency === 'supersede-running';
  const isSuperseded = (each: Entry): boolean => each.kind !== 'remove' && each.number < number;
  const wouldUndo = (each: Entry): boolean => kind === 'rollback' && each.kind === 'deploy' && each.number < number;
  return {
    drop: state.queue.filter((each) => wouldUndo(each) || (supersedes && isSuperseded(each))),
    ...(running && isPutBackFor(running, { number, kind, settings, ...(to === undefined ? {} : { to }) })
      ? { running }
      : {}),
  };
}

/** Whether a rollout that runs is put back at its next safe point for another that was asked for after it. */
export function isPutBackFor(
  running: Pick<Entry, 'number' | 'kind'> & { revision?: { number: number } },
  { number, kind, to, settings }: Pick<Entry, 'number' | 'kind' | 'to' | 'settings'>,
): boolean {
  if (running.kind === 'remove' || running.number >= number) return false;
  const isLeft = kind === 'rollback' && running.kind === 'deploy' && running.revision?.number !== to;
  return isLeft || settings.concurrency === 'supersede-running';
}

/** Why others give way to it, for the record. */
export function describeSuperseding({ kind, number, actor }: Pick<Entry, 'kind' | 'number' | 'actor'>): string {
  return kind === 'rollback' ? `${actor} rolls back, with rollout ${number}` : `superseded by rollout ${number}`;
}
