import { describeHold } from '../../domain/rollback/hold.ts';
import type { Entry } from '../../domain/service/state.ts';
import type { ServiceContext } from './context.ts';
import { recordDropped } from './records.ts';

/**
 * Takes deployments of releases that are on hold out of the queue: they were asked for before that was known. Who asks for one
 * again in so many words is not among them, since that has lifted the hold.
 */
export async function dropHeld(context: ServiceContext): Promise<void> {
  const { holds = [], queue } = context.state;
  const findHold = ({ revision }: Entry) => holds.find(({ release }) => release === revision?.release);
  const entries = queue.filter((entry) => entry.kind === 'deploy' && findHold(entry));
  if (entries.length === 0) return;
  await context.removeFromQueue(entries, async (entry) => {
    const hold = findHold(entry);
    if (hold) await recordDropped(context, entry, 'supplant', `its release is on hold: ${describeHold(hold)}`);
  });
}
