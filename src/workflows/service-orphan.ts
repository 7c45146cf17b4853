import { getExternalWorkflowHandle, isCancellation, sleep } from '@temporalio/workflow';
import type { Recollection } from '../activities/recall.ts';
import { backoffMs } from '../domain/backoff.ts';
import { workflowIds } from '../domain/requests.ts';
import type { Entry } from '../domain/service-state.ts';
import type { ServiceKey } from '../domain/service.ts';
import { stillThereSignal } from './messages.ts';
import type { ServiceDesk } from './service-desk.ts';
import { salvage } from './service-salvage.ts';
import { quickly } from './steps.ts';

const FIRST_LOOK_MS = 250;
const LAST_LOOK_MS = 10_000;

/** What older versions recalled lacks the queue. */
type Recalled = Omit<Recollection, 'queue'> & Partial<Pick<Recollection, 'queue'>>;

/**
 * A rollout that was under way when its service's workflow was ended goes on by itself, and nothing may be begun beside
 * it. Its new service cannot await it, so it looks at the record; one that was terminated too is salvaged.
 */
export async function outlast(desk: ServiceDesk, entry: Entry): Promise<void> {
  const { key } = desk.state;
  for (let look = 1; await isRunning(key, entry.number); look += 1) {
    await sleep(backoffMs(look, FIRST_LOOK_MS, LAST_LOOK_MS), {
      summary: `rollout ${entry.number} outlived its service's workflow; it is waited for`,
    });
  }
  const found: Recalled = await quickly('recall', `how rollout ${entry.number} ended`, [key]);
  const { lineup, formerly, spec, open, queue = [] } = found;
  if (open?.number === entry.number) {
    await salvage(desk, { v: 1, ...entry, lineup: desk.state.lineup });
  } else if (queue.some(({ number }) => number === entry.number)) {
    // Terminated before it had begun anything: it is begun anew.
    desk.state = { ...desk.state, queue: [entry, ...desk.state.queue] };
  } else {
    const removed = spec === undefined && desk.state.queue.length === 0;
    desk.state = { ...desk.state, lineup, formerly, removed };
  }
  desk.over();
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
