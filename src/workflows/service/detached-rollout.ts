import { getExternalWorkflowHandle, isCancellation, sleep } from '@temporalio/workflow';
import { computeBackoffMs } from '../../domain/backoff.ts';
import { workflowIds } from '../../domain/service/requests.ts';
import type { Entry } from '../../domain/service/state.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import { stillThereSignal } from '../shared/messages.ts';
import type { ServiceContext } from './context.ts';
import { dropHeld } from './holds.ts';
import { withContracts } from './contracts.ts';
import { reconcileTerminated } from './terminated-rollout.ts';
import { localFirst } from '../shared/activities.ts';

const FIRST_LOOK_MS = 250;
const LAST_LOOK_MS = 10_000;

/**
 * A rollout that was under way when its service's workflow was ended goes on by itself, and nothing may be begun beside
 * it. Its new service cannot await it, so it looks at the record; one that was terminated too is reconciled.
 */
export async function awaitDetachedRollout(context: ServiceContext, entry: Entry): Promise<void> {
  const { key } = context.state;
  for (let look = 1; await isRunning(key, entry.number); look += 1) {
    await sleep(computeBackoffMs(look, FIRST_LOOK_MS, LAST_LOOK_MS), {
      summary: `rollout ${entry.number} outlived its service's workflow; it is waited for`,
    });
  }
  const found = await localFirst('recall', `how rollout ${entry.number} ended`, [key]);
  const { revisionSet, formerly, spec, open, queue, bad, holds } = found;
  context.state = withContracts(context.state, found);
  if (open?.number === entry.number) {
    await reconcileTerminated(context, { ...entry, revisionSet: context.state.revisionSet });
  } else if (queue.some(({ number }) => number === entry.number)) {
    // Terminated before it had begun anything: it is begun anew.
    context.state = { ...context.state, queue: [entry, ...context.state.queue] };
  } else {
    const removed = spec === undefined && context.state.queue.length === 0;
    context.state = { ...context.state, revisionSet, formerly, bad, holds, removed };
    await dropHeld(context);
  }
  context.endRollout();
}

async function isRunning(key: ServiceKey, number: number): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(workflowIds.rollout(key, number)).signal(stillThereSignal);
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
  }
}
