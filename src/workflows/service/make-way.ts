import { describeSuperseding, findSuperseded } from '../../domain/service/superseding.ts';
import { type Entry, applyPutBack } from '../../domain/service/state.ts';
import type { ServiceContext } from './context.ts';
import { recordDropped } from './records.ts';

/** What gave way to those that wait, where that was recorded and not carried out. */
export async function makeWayAgain(
  context: ServiceContext,
  entries: readonly Entry[] = context.state.queue,
): Promise<void> {
  for (const entry of entries) {
    if (!context.state.queue.includes(entry)) continue;
    const { running } = findSuperseded(context.state, entry);
    if (running) context.state = applyPutBack(context.state, { rollout: running.number, stage: 'asked' });
    await makeWay(context, entry);
  }
}

/** For a rollout that others give way to. */
export async function makeWay(context: ServiceContext, entry: Entry): Promise<void> {
  const { drop: others, running } = findSuperseded(context.state, entry);
  const leaving = context.removeFromQueue(others, (each) =>
    recordDropped(context, each, entry.actor, describeSuperseding(entry)),
  );
  if (running) await context.supersede(running.number, entry.number);
  await leaving;
}
