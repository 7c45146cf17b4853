import type { Context, Info } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor, NativeConnection } from '@temporalio/worker';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import {
  type Ports,
  createControlActivities,
  createStackActivities,
  createWatchActivities,
} from '../activities/index.ts';
import { createDriftActivities, createLookActivities } from '../activities/drift/index.ts';
import { createReapActivities, createReaperActivities } from '../activities/reaper/index.ts';
import { ENGINE_PLACES } from '../domain/rollout/pending-activity.ts';
import { hostTaskQueue, poolTaskQueue, watchTaskQueue } from '../domain/task-queues.ts';
import { type WorkerVersion, deploymentOptions } from './deployment.ts';
import type { TaskTokenJournal } from './task-token-journal.ts';
import { withShortStacks } from './workflow-stacks.ts';

/** What looks on costs next to nothing while it waits: as good as without a limit, which the SDK has none for. */
const WATCH_SLOTS = 10_000;

/** How long steps under way may take to finish when a worker is told to stop; then they are called off, and repeated elsewhere. */
const SHUTDOWN_GRACE = '5s';

/** An abort or promote reaches a step with the answer to a heartbeat; the default lets it wait for 8 s. */
const HEARTBEAT_THROTTLE = '500ms';

/**
 * How long a workflow's next task waits for the worker that has the workflow in memory. Anybody else's costs a replay of
 * some 10 ms, while nobody takes it from one that is dead: the SDK's default lets it wait for 10 s.
 */
const STICKY_TIMEOUT = '1s';

export interface WorkersOptions {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  ports: Ports;
  inHand: TaskTokenJournal;
  workflowBundle: WorkflowBundleOption;
  /** The pools whose engine operations they carry out. */
  pools: readonly string[];
  /** Which version they are; without one they take whatever there is to do. */
  version?: WorkerVersion | undefined;
}

/**
 * The workers of one process: for workflows with their short steps, for the engine operations of each pool, for those on what runs on
 * this host, and for what lasts because it looks on. Each pool has places of its own, so that what one has to do never waits
 * for another; and what runs on this host has as many again: what has to go from here never waits behind what is being made.
 */
export class Workers {
  readonly #workers: Worker[];

  private constructor(workers: Worker[]) {
    this.#workers = workers;
  }

  static async create({
    version,
    ports,
    inHand,
    taskQueue,
    pools,
    workflowBundle,
    ...where
  }: WorkersOptions): Promise<Workers> {
    const common = {
      ...where,
      ...(version ? { workerDeploymentOptions: deploymentOptions(version) } : {}),
      shutdownGraceTime: SHUTDOWN_GRACE,
      maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
      interceptors: { activity: [({ info }: Context) => ({ inbound: noting(inHand, info) })] },
    };
    const control = await withShortStacks(() =>
      Worker.create({
        ...common,
        taskQueue,
        activities: {
          ...createControlActivities(ports),
          ...createReaperActivities(ports),
          ...createDriftActivities(ports),
        },
        maxCachedWorkflows: 500,
        stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
        workflowBundle,
      }),
    );
    const stackActivities = {
      ...createStackActivities(ports),
      ...createReapActivities(ports),
      ...createLookActivities(ports),
    };
    const stacks = await Promise.all(
      pools.map((pool) =>
        Worker.create({
          ...common,
          taskQueue: poolTaskQueue(taskQueue, pool),
          activities: stackActivities,
          maxConcurrentActivityTaskExecutions: ENGINE_PLACES,
        }),
      ),
    );
    const host = await Worker.create({
      ...common,
      taskQueue: hostTaskQueue(taskQueue, ports.host),
      activities: stackActivities,
      maxConcurrentActivityTaskExecutions: ENGINE_PLACES,
      // Little comes here: two that ask are enough.
      maxConcurrentActivityTaskPolls: 2,
    });
    const watches = await Worker.create({
      ...common,
      taskQueue: watchTaskQueue(taskQueue),
      activities: createWatchActivities(ports),
      maxConcurrentActivityTaskExecutions: WATCH_SLOTS,
    });
    return new Workers([control, ...stacks, host, watches]);
  }

  /** Until {@link Workers.shutdown}, or until one of them fails. */
  async run(): Promise<void> {
    const runs = this.#workers.map((worker) => worker.run());
    try {
      await Promise.all(runs);
    } catch (error) {
      this.shutdown();
      await Promise.allSettled(runs);
      throw error;
    }
  }

  shutdown(): void {
    for (const worker of this.#workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  }
}

/** Local activities are a workflow task's own, and are repeated with it. */
function noting(inHand: TaskTokenJournal, { isLocal, taskToken }: Info): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      if (isLocal) return next(input);
      using _noted = inHand.take(taskToken);
      return await next(input);
    },
  };
}
