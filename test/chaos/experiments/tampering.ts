import type { Client } from '@temporalio/client';
import { waitUntil } from '../../../src/host/polling.ts';
import type { ExperimentKey } from '../../../src/domain/experiment/experiment.ts';
import { experimentIds } from '../../../src/domain/experiment/run.ts';
import { openStore } from '../../../src/store/store.ts';
import type { Struck } from '../faults.ts';
import { withTemporal } from '../temporal.ts';
import type { World } from '../world.ts';

/*
 * What people do past Supplant: in Temporal's UI and with its CLI, and in the store.
 */

/** For what is to be tampered with to show up. */
const LOOK_OUT_MS = 4_000;
/** The reaper looks every 15 seconds, and each look is over in a moment. */
const NEXT_LOOK_MS = 17_000;

/** Terminates runs of one experiment or of any: one of those that go on, or all. */
export function terminateRuns(world: World, key?: ExperimentKey, pick?: number): Promise<Struck> {
  const of = key ? ` AND WorkflowId STARTS_WITH "experiment/${key.name}/${key.environment}/"` : '';
  const query = `WorkflowType = 'experiment' AND ExecutionStatus = 'Running'${of}`;
  return tryFor(LOOK_OUT_MS, world, (client) => terminate(client, query, pick));
}

/** Terminates a look of the reaper, or what destroys stacks for it. */
export function terminateReaper(world: World): Promise<Struck> {
  const query = `(WorkflowType = 'reaper' OR WorkflowType = 'reap') AND ExecutionStatus = 'Running'`;
  return tryFor(NEXT_LOOK_MS, world, (client) => terminate(client, query));
}

async function terminate({ workflow }: Client, query: string, pick?: number): Promise<boolean> {
  const found: { workflowId: string; runId: string }[] = [];
  for await (const each of workflow.list({ query })) found.push(each);
  const chosen = pick === undefined ? found : found.slice(pick % Math.max(1, found.length)).slice(0, 1);
  for (const { workflowId, runId } of chosen) await workflow.getHandle(workflowId, runId).terminate('tidied up');
  return chosen.length > 0;
}

/** Deletes the schedule of one of these experiments. */
export function deleteScheduleOf(world: World, keys: readonly ExperimentKey[], pick = 0): Promise<Struck> {
  const ids = new Set(keys.map((key) => experimentIds.schedule(key)));
  return tryFor(LOOK_OUT_MS, world, async ({ schedule }) => {
    const found: string[] = [];
    for await (const { scheduleId } of schedule.list()) if (ids.has(scheduleId)) found.push(scheduleId);
    const chosen = found[pick % found.length];
    if (chosen !== undefined) await schedule.getHandle(chosen).delete();
    return chosen !== undefined;
  });
}

/** Nothing knows a stack any more that has been begun. */
export async function forgetLease(world: World, key: ExperimentKey, pick: number): Promise<Struck> {
  // Another fault may have locked the store.
  const store = await openStore(world.storePlace).catch(() => undefined);
  if (!store) return 'missed';
  try {
    const forget = async (): Promise<boolean> => {
      const leases = (await store.experiments.leases.list()).filter(({ run }) => run.experiment.name === key.name);
      const begun = (await store.audit.list({ subject: `${key.name}/${key.environment}`, limit: 10_000 }))
        .filter(({ type }) => type === 'stack.provisioning')
        .map(({ data }) => data.stack);
      const known = leases.filter(({ stack }) => begun.includes(stack));
      const chosen = known[pick % known.length];
      if (chosen) await store.experiments.leases.release(chosen);
      return chosen !== undefined;
    };
    return (await waitUntil(LOOK_OUT_MS, () => forget().catch(() => false))) ? 'struck' : 'missed';
  } finally {
    await store.close();
  }
}

/** Until it finds what it is after; another fault may have Temporal down meanwhile. */
async function tryFor(limitMs: number, world: World, act: (client: Client) => Promise<boolean>): Promise<Struck> {
  const once = () => withTemporal(world, act).catch(() => false);
  return (await waitUntil(limitMs, once)) ? 'struck' : 'missed';
}
