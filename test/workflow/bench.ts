import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { type RolloutInput, type TeardownInput, workflowIds } from '../../src/domain/requests.ts';
import type { ServiceKey } from '../../src/domain/service.ts';
import type { RolloutStatus } from '../../src/domain/status.ts';
import { routeTo } from '../../src/domain/standing.ts';
import { stackTaskQueue } from '../../src/domain/task-queues.ts';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/search-attributes.ts';
import type { rollout } from '../../src/workflows/rollout.ts';
import type { teardown } from '../../src/workflows/teardown.ts';
import { RecordingActivities } from '../doubles/recording-activities.ts';
import { revision, spec } from './samples.ts';
import { workflowBundle } from './server.ts';

export type RolloutHandle = WorkflowHandleWithFirstExecutionRunId<typeof rollout>;

/** One service, two workers on a task queue of its own, and activities that do as they are told. */
export class Bench {
  readonly service: ServiceKey;
  readonly activities: RecordingActivities;
  readonly env: TestWorkflowEnvironment;
  readonly taskQueue: string;
  #workers: Worker[];
  #runs: Promise<void>[];
  #ended = false;

  private constructor(
    env: TestWorkflowEnvironment,
    service: ServiceKey,
    activities: RecordingActivities,
    workers: Worker[],
  ) {
    this.env = env;
    this.service = service;
    this.activities = activities;
    this.taskQueue = workers[0]!.options.taskQueue;
    this.#workers = workers;
    this.#runs = workers.map((worker) => worker.run());
  }

  static async open(env: TestWorkflowEnvironment, environment = `t-${randomBytes(6).toString('hex')}`): Promise<Bench> {
    const activities = await RecordingActivities.create();
    const workers = await workersOn(env, environment, activities);
    return new Bench(env, { name: 'web', environment }, activities, workers);
  }

  /** Ends the workers, whatever they are doing, and starts others. */
  async restart(): Promise<void> {
    for (const worker of this.#workers) worker.shutdown();
    await Promise.all(this.#runs);
    this.#workers = await workersOn(this.env, this.taskQueue, this.activities);
    this.#runs = this.#workers.map((worker) => worker.run());
  }

  /** Fails the test when an invariant was broken anywhere on the way. The workers come to their end meanwhile. */
  end(): void {
    this.#ended = true;
    for (const worker of this.#workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    assert.deepEqual(this.activities.breaches, []);
  }

  async close(): Promise<void> {
    try {
      this.end();
    } finally {
      await Promise.allSettled(this.#runs);
      await this.activities.store.close();
    }
  }

  /** Makes what the input takes for granted true: stacks that stand and are proven, the route, the records. */
  async prepare({ spec: described, lineup, revision: wanted, kind }: RolloutInput): Promise<void> {
    const { catalogue } = this.activities.store;
    await catalogue.saveService(described, 1);
    const { live, warm } = lineup;
    for (const { revision: each, endpoints, since } of [...warm, ...(live ? [live] : [])]) {
      await this.activities.stacks.provision({ ...each, revision: each.number });
      this.activities.stacks.prove(each.number);
      const state = each.number === live?.revision.number ? 'live' : 'warm';
      await catalogue.saveRevision({ ...each, state, since, endpoints }, 1);
    }
    if (wanted && kind === 'rollback' && !this.activities.stacks.standing(wanted.number)) {
      await catalogue.saveRevision({ ...wanted, state: 'retired', since: wanted.createdAt, endpoints: [] }, 1);
    }
    if (live) await this.activities.router.apply(routeTo(this.service, 1, live, warm));
  }

  /** Starts a rollout as its service would. */
  async start(input: RolloutInput): Promise<RolloutHandle> {
    await this.prepare(input);
    return this.env.client.workflow.start<typeof rollout>('rollout', {
      workflowId: workflowIds.rollout(this.service, input.number),
      taskQueue: this.taskQueue,
      args: [input],
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.service, value: this.service.name },
        { key: SEARCH_ATTRIBUTES.phase, value: 'plan' },
      ],
    });
  }

  /** Starts the teardown of a revision, with short pauses between its attempts. */
  async tearDown(number: number): Promise<WorkflowHandleWithFirstExecutionRunId<typeof teardown>> {
    const { env, service, taskQueue } = this;
    await this.activities.store.catalogue.saveService(spec(service), 1);
    const task: TeardownInput = {
      v: 1,
      ref: { service, number: 1, actor: 'supplant' },
      revision: revision(spec(service), number),
      becomes: 'retired',
      because: 'its time is over',
      attempts: 0,
      since: new Date().toISOString(),
      retryMs: 20,
    };
    const workflowId = workflowIds.teardown(service, number);
    return env.client.workflow.start<typeof teardown>('teardown', { workflowId, taskQueue, args: [task] });
  }

  /** Waits until a rollout's status shows a fact. */
  async until(handle: RolloutHandle, shows: (status: RolloutStatus) => boolean): Promise<RolloutStatus> {
    for (;;) {
      const status = await handle.query<RolloutStatus>('status');
      if (shows(status)) return status;
      await this.pause();
    }
  }

  /** Waits for a fact that shows with a delay. */
  async visible(fact: () => Promise<boolean>): Promise<void> {
    while (!(await fact())) await this.pause();
  }

  /** Between two looks at a fact; ends the looking when the test is over. */
  async pause(): Promise<void> {
    if (this.#ended) throw new Error('the test is over');
    await sleep(15);
  }
}

async function workersOn(
  env: TestWorkflowEnvironment,
  taskQueue: string,
  activities: RecordingActivities,
): Promise<Worker[]> {
  const common = {
    connection: env.nativeConnection,
    namespace: env.namespace ?? 'default',
    // Cancellation reaches an activity with the answer to a heartbeat.
    maxHeartbeatThrottleInterval: 50,
    shutdownForceTime: '5s',
    workflowThreadPoolSize: 1,
  } as const;
  return Promise.all([
    Worker.create({ ...common, taskQueue, activities: activities.control(), workflowBundle: await workflowBundle() }),
    Worker.create({ ...common, taskQueue: stackTaskQueue(taskQueue), activities: activities.stackOperations() }),
  ]);
}
