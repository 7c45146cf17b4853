import { randomBytes } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { stackTaskQueue, watchTaskQueue } from '../../src/domain/task-queues.ts';
import { withShortStacks } from '../../src/temporal/workflow-stacks.ts';
import type { RecordingActivities } from '../doubles/recording-activities.ts';
import { workflowBundle } from './server.ts';

type Activity = (task: unknown) => Promise<unknown>;
/**
 * A query that meets a task with an update in it ends the worker, seldom: core takes the answer and the update's commands for
 * a mistake of the language's SDK (https://github.com/temporalio/sdk-rust/issues/390). What is told of it may be that the
 * worker's workflows were not out of memory by then.
 */
const SDK_FAULT = /legacy query response along with other commands|execution context should have been disposed first/;

/** Which of the three workers does it. */
type Role = 'control' | 'stacks' | 'watches';
type Activities = Record<Role, Record<string, Activity>>;

export interface LaneOptions {
  taskQueue?: string;
  /** With 0 every workflow is replayed from its beginning for each of its tasks. */
  maxCachedWorkflows?: number;
  /** How long its workers may take to end. */
  forceTime?: '5s' | '60s';
}

/** As {@link newEnvironment} names them. */
const ENVIRONMENT = /t-[0-9a-f]{12}/;

/** A name that no other test has. */
export function newEnvironment(): string {
  return `t-${randomBytes(6).toString('hex')}`;
}

/**
 * The workers of one task queue, for one test after the other: to start them costs more than most tests do. Each test has
 * an environment of its own; what its workflows ask for is done by its own activities.
 */
export class Lane {
  readonly env: TestWorkflowEnvironment;
  readonly taskQueue: string;
  readonly #owners = new Map<string, Activities>();
  readonly #names: Record<Role, string[]>;
  readonly #maxCachedWorkflows: number;
  readonly #forceTime: '5s' | '60s';
  #latest: Activities;
  #workers: Worker[] = [];
  #runs: Promise<void>[] = [];

  private constructor(
    env: TestWorkflowEnvironment,
    first: RecordingActivities,
    { taskQueue, maxCachedWorkflows, forceTime }: Required<LaneOptions>,
  ) {
    this.env = env;
    this.taskQueue = taskQueue;
    this.#maxCachedWorkflows = maxCachedWorkflows;
    this.#forceTime = forceTime;
    this.#latest = activitiesOf(first);
    const { control, stacks, watches } = this.#latest;
    this.#names = { control: Object.keys(control), stacks: Object.keys(stacks), watches: Object.keys(watches) };
  }

  /** @param first the activities of its first test, which say what activities there are */
  static async open(
    env: TestWorkflowEnvironment,
    first: RecordingActivities,
    {
      taskQueue = `lane-${randomBytes(6).toString('hex')}`,
      maxCachedWorkflows = 300,
      forceTime = '5s',
    }: LaneOptions = {},
  ): Promise<Lane> {
    const lane = new Lane(env, first, { taskQueue, maxCachedWorkflows, forceTime });
    await lane.start();
    return lane;
  }

  get isRunning(): boolean {
    return this.#workers.length > 0 && this.#workers.every((worker) => worker.getState() === 'RUNNING');
  }

  /** For people: which one, and what is special about it. */
  describe(): string {
    return `${this.taskQueue}, which keeps ${this.#maxCachedWorkflows} workflows in memory`;
  }

  /** What workflows of this environment ask for is done by these activities from now on. */
  enter(environment: string, activities: RecordingActivities): void {
    this.#latest = activitiesOf(activities);
    this.#owners.set(environment, this.#latest);
  }

  /** Ends what a test has left running; nobody does anything for it any more. */
  async leave(environment: string): Promise<void> {
    this.#owners.delete(environment);
    const { workflow } = this.env.client;
    const isShared = this.#owners.size > 0;
    const query = `TaskQueue = '${this.taskQueue}' AND ExecutionStatus = 'Running'`;
    for await (const { workflowId } of workflow.list({ query })) {
      if (isShared && !workflowId.includes(environment)) continue;
      // It may have ended meanwhile.
      await workflow
        .getHandle(workflowId)
        .terminate('its test is over')
        .catch(() => undefined);
    }
  }

  async start(): Promise<void> {
    this.#workers = await this.#createWorkers();
    this.#runs = this.#workers.map((worker) => this.#run(worker));
  }

  /** A worker that the SDK ended by a fault of its own is started again, as `supplant dev` does with the process. */
  async #run(worker: Worker): Promise<void> {
    try {
      await worker.run();
    } catch (error) {
      if (!SDK_FAULT.test(String(error))) throw error;
      const next = await this.#createWorkflowWorker();
      this.#workers = this.#workers.map((each) => (each === worker ? next : each));
      await this.#run(next);
    }
  }

  /** Ends the workers, whatever they are doing. */
  async stop(): Promise<void> {
    for (const worker of this.#workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(this.#runs);
  }

  async #createWorkers(): Promise<Worker[]> {
    const { taskQueue } = this;
    const options = (role: Role) => ({ ...this.#options(), activities: this.#activities(role) });
    return Promise.all([
      this.#createWorkflowWorker(),
      Worker.create({ ...options('stacks'), taskQueue: stackTaskQueue(taskQueue) }),
      Worker.create({ ...options('watches'), taskQueue: watchTaskQueue(taskQueue) }),
    ]);
  }

  async #createWorkflowWorker(): Promise<Worker> {
    const { taskQueue } = this;
    const activities = this.#activities('control');
    const options = { ...this.#options(), taskQueue, activities, workflowBundle: await workflowBundle() };
    return withShortStacks(() => Worker.create(options));
  }

  #options() {
    const { env } = this;
    return {
      connection: env.nativeConnection,
      namespace: env.namespace ?? 'default',
      // Cancellation reaches an activity with the answer to a heartbeat.
      maxHeartbeatThrottleInterval: 50,
      shutdownForceTime: this.#forceTime,
      workflowThreadPoolSize: 1,
      maxCachedWorkflows: this.#maxCachedWorkflows,
    } as const;
  }

  #activities(role: Role): Record<string, Activity> {
    const activity =
      (name: string): Activity =>
      (task) =>
        this.#owner()[role][name]!(task);
    return Object.fromEntries(this.#names[role].map((name) => [name, activity(name)]));
  }

  /** Of the test whose workflow has asked; one with an id of another kind is the running test's. */
  #owner(): Activities {
    const { workflowId = '' } = activityInfo().workflowExecution ?? {};
    const [environment] = ENVIRONMENT.exec(workflowId) ?? [];
    const owner = environment === undefined ? this.#latest : this.#owners.get(environment);
    if (!owner) throw ApplicationFailure.nonRetryable(`the test of ${workflowId} is over`);
    return owner;
  }
}

/** Lanes of one server that tests take in turn. */
export class LanePool {
  readonly env: TestWorkflowEnvironment;
  readonly #free: Lane[] = [];
  readonly #all: Lane[] = [];

  constructor(env: TestWorkflowEnvironment) {
    this.env = env;
  }

  async take(activities: RecordingActivities): Promise<Lane> {
    const free = this.#free.pop();
    if (free) return free;
    const lane = await Lane.open(this.env, activities);
    this.#all.push(lane);
    return lane;
  }

  /** One whose workers a test has ended is not taken again. */
  giveBack(lane: Lane): void {
    if (lane.isRunning) this.#free.push(lane);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((lane) => lane.stop().catch(() => undefined)));
  }
}

function activitiesOf(recording: RecordingActivities): Activities {
  const roles = { control: recording.control(), stacks: recording.stackOperations(), watches: recording.watches() };
  return roles as unknown as Activities;
}
