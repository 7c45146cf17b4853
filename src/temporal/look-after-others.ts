import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { HostSign } from '../store/hosts/registry.ts';
import type { Store } from '../store/store.ts';
import { DeadWorkers } from './dead-workers.ts';
import { ExperimentWatch } from './experiment-watch.ts';
import { HostPresence } from './host-presence.ts';
import { DRIFT_LOOK, LookSchedule, REAPER_LOOK } from './look-schedule.ts';
import { LostServices } from './lost-services.ts';
import { requireSoleCopy } from './sole-copy.ts';
import { StuckWorkflows } from './stuck-workflows.ts';
import { TASK_QUEUE } from './target.ts';

export interface LookAfterOptions {
  /** Writes a line of the worker's log. */
  write: (level: string, message: string, fields?: object) => void;
  /** Of the worker: where those before it have left what they had in hand. */
  folder: string;
  sign: HostSign & { worker: { copy: string } };
  store: Pick<Store, 'audit' | 'catalogue' | 'experiments' | 'hosts'>;
  installation: string;
  reaperEveryMs: number;
  driftEveryMs: number | undefined;
}

/**
 * Beside its own work a worker says that it is there, and looks after what others left: a worker that was killed, a
 * service whose workflow is gone or stands still, an experiment whose schedule is gone, a stack that nobody owns, one that
 * is not as it was made.
 */
export async function lookAfterOthers(
  connection: NativeConnection,
  namespace: string,
  { write, folder, sign, store, installation, reaperEveryMs, driftEveryMs }: LookAfterOptions,
): Promise<AsyncDisposable> {
  const { audit, catalogue, experiments, hosts } = store;
  const log = write.bind(null, 'INFO');
  const client = new Client({ connection, namespace });
  await using watches = new AsyncDisposableStack();
  // First of all: others wait for what a dead worker had in hand.
  watches.use(await DeadWorkers.watch({ connection, namespace, folder, log }));
  watches.use(await HostPresence.announce({ hosts, sign, log }));
  // Again: of two that were started at the same moment neither had given a sign.
  await requireSoleCopy({ hosts, host: sign.id, copy: sign.worker.copy, log });
  watches.use(LostServices.watch({ client, taskQueue: TASK_QUEUE, catalogue, log }));
  watches.use(StuckWorkflows.watch({ client, taskQueue: TASK_QUEUE, catalogue, log: write.bind(null, 'WARN') }));
  watches.use(ExperimentWatch.watch({ client, taskQueue: TASK_QUEUE, experiments, audit, log }));
  const looks = { client, taskQueue: TASK_QUEUE, log };
  watches.use(LookSchedule.watch({ ...looks, look: REAPER_LOOK, memo: { installation }, everyMs: reaperEveryMs }));
  watches.use(LookSchedule.watch({ ...looks, look: DRIFT_LOOK, everyMs: driftEveryMs }));
  return watches.move();
}
