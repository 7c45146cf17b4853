import { condition } from '@temporalio/workflow';
import type { CommandReading } from '../../activities/commands.ts';
import type { ServiceCommand } from '../../domain/service/requests.ts';
import { createExpiredFailure } from '../shared/refusals.ts';
import { type RecordHead, catchUp, isBehindRecord } from '../../domain/service/catch-up.ts';
import type { ServiceContext } from './context.ts';
import { recallState } from './recall.ts';
import { isTooLate, requireInEffect } from './late.ts';
import { makeWayAgain } from './make-way.ts';
import { localFirst } from '../shared/activities.ts';

type Read<Kind extends string> = CommandReading &
  (Kind extends 'note'
    ? { note: ServiceCommand }
    : Kind extends 'dryRun'
      ? unknown
      : { request: NonNullable<CommandReading['request']> });

/**
 * A command as it is recorded.
 *
 * @throws ApplicationFailure `NotRecorded` where there is none under the name: the sender is no gateway of this
 *   installation, and that it was tried is recorded
 */
export async function readCommand<Kind extends string>(
  context: ServiceContext,
  command: string,
  kind: Kind,
): Promise<Read<Kind>> {
  const reading = await localFirst('readCommand', `what is asked for (${kind})`, () => [
    { service: context.state.key, command, kind, now: Date.now() },
  ]);
  if (isTooLate(reading)) {
    if (!reading.before) throw createExpiredFailure(reading.change);
    await context.runExclusive(() => requireInEffect(context, reading));
  }
  await catchUpWithRecord(context, reading);
  return reading as Read<Kind>;
}

/** Looks for such a thing although nothing is asked: its caller may never ask again. */
export async function lookAtRecord(context: ServiceContext): Promise<void> {
  // What is recalled comes first.
  await condition(() => context.isOpen);
  const latest = await localFirst('recallLatest', 'which request was answered last?', [context.state.key]);
  await catchUpWithRecord(context, latest === null ? {} : { latest });
}

/** Takes up what was promised and is recorded, and did not get into the state with its workflow task. */
async function catchUpWithRecord(context: ServiceContext, recorded: RecordHead): Promise<void> {
  if (!isBehindRecord(context.state, recorded)) return;
  await context.runExclusive(async () => {
    // Another request may have been put on record and into the state meanwhile.
    if (!isBehindRecord(context.state, recorded)) return;
    const { lastRollout, key } = context.state;
    context.state = catchUp(context.state, await recallState(key));
    await makeWayAgain(
      context,
      context.state.queue.filter(({ number }) => number > lastRollout),
    );
  });
}
