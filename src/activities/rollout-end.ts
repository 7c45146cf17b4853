import { type RolloutRef, formatRolloutName } from '../domain/service/requests.ts';
import type { AuditEvent } from '../store/audit/store.ts';
import { createPermanentFailure } from './failures.ts';
import type { Journal } from './journal.ts';
import type { TimedTask } from './told-time.ts';

/**
 * Whether a rollout has ended by the record, in the transaction that would begin something of it: a machine that was paused
 * and wakes goes on where it was, while its rollout has ended on another one.
 *
 * @throws ApplicationFailure `NotRecorded` where it has left the queue: its service may have put that down with a workflow task that was
 *   lost, and have begun it with the next one
 */
export async function hasEnded(journal: Pick<Journal, 'events'>, ref: RolloutRef): Promise<boolean> {
  const events = await journal.events(ref);
  const dropped = events.find(({ type }) => type === 'rollout.dropped');
  if (!dropped) return events.some(({ type }) => type === 'rollout.finished');
  throw createPermanentFailure('NotRecorded', `${formatRolloutName(ref)} has left the queue: ${dropped.reason ?? ''}`);
}

/**
 * That a rollout may settle by the record, in the transaction in which it does. It may have ended on another machine, or be on its way
 * back there: a machine that was paused has decided to settle before that.
 *
 * @throws ApplicationFailure `RecordRefused`
 */
export async function requireMaySettle(
  journal: Pick<Journal, 'events'>,
  { ref, now = Infinity }: TimedTask & { ref: RolloutRef },
): Promise<void> {
  const events = await journal.events(ref);
  const isOver = ({ type, data }: AuditEvent): boolean =>
    type === 'rollout.finished' ||
    (type === 'rollout.putting-back' &&
      data.stage === 'begun' &&
      typeof data.since === 'string' &&
      Date.parse(data.since) > now);
  // Recorded once more it is what it was.
  if (events.some(({ type }) => type === 'rollout.settled') || !events.some(isOver)) return;
  throw createPermanentFailure('RecordRefused', `${formatRolloutName(ref)} is put back, or over, and settles nothing`);
}
