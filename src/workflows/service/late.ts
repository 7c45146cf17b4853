import { patched } from '@temporalio/workflow';
import type { CommandReading } from '../../activities/commands.ts';
import { catchUp } from '../../domain/service/catch-up.ts';
import type { RequestMeta } from '../../domain/service/requests.ts';
import type { Entry } from '../../domain/service/state.ts';
import { readNotedTime } from '../shared/recorded-time.ts';
import { createExpiredFailure, isLate } from '../shared/refusals.ts';
import type { ServiceContext } from './context.ts';
import { makeWayAgain } from './make-way.ts';
import { recallState } from './recall.ts';
import { recordDropped } from './records.ts';

/** Services did not look whether what they refused was on record. */
const LATE_ON_RECORD = 'late-on-record';
/** Nor whether what they had taken back had kept its number. */
const LATE_KEEPS_NUMBER = 'late-keeps-number';

/** Whether nobody waits for the answer any more, by a time that a replay finds as well. Older histories have the workflow's clock alone. */
export function isTooLate({ change, at }: CommandReading): boolean {
  return isLate(change, at === undefined ? Date.now() : Math.max(at, readNotedTime()));
}

/**
 * What is late is refused, and its caller is told that nothing was started. But the workflow task that has put it on record may be
 * lost: then its rollout is taken back first. Returns where it is in effect, as a pin is that was recorded.
 *
 * @throws ApplicationFailure `Expired`
 */
export async function requireInEffect(context: ServiceContext, { change }: CommandReading): Promise<void> {
  const { requestId } = change;
  const isKnown = (): boolean => context.state.answered.some((answer) => answer.requestId === requestId);
  if (isKnown() || !patched(LATE_ON_RECORD)) throw createExpiredFailure(change);
  const { lastRollout, key, spec } = context.state;
  const { answered, queue, ...recorded } = await recallState(key);
  const own = answered.find((answer) => answer.requestId === requestId);
  // It may have been taken back, by a workflow task that was lost in its turn.
  if (!own && !patched(LATE_KEEPS_NUMBER)) throw createExpiredFailure(change);
  const entry = own && queue.find(({ number }) => number === own.receipt?.rollout);
  const others = {
    answered: answered.filter((answer) => answer !== own || !entry),
    queue: queue.filter((each) => each !== entry),
  };
  context.state = catchUp(context.state, { ...recorded, ...others, ...(spec && (entry || !own) ? { spec } : {}) });
  const found = context.state.queue.filter(({ number }) => number > lastRollout);
  await makeWayAgain(context, found);
  if (own && !entry) return;
  if (entry) await recordWithdrawn(context, entry, change, own.at ?? '');
  throw createExpiredFailure(change);
}

/**
 * Its caller was told by now that nothing was started. Its numbers stay taken.
 *
 * @param at when it was answered, ISO 8601, as that is recorded
 */
export async function recordWithdrawn(
  context: ServiceContext,
  entry: Entry,
  { requestId, actor }: RequestMeta,
  at: string,
): Promise<void> {
  const more = { forget: { requestId, at } };
  await recordDropped(context, entry, actor, 'it was recorded too late for its caller', more);
}
