import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type RolloutResult, type TeardownInput, workflowIds } from '../../src/domain/service/requests.ts';
import type { ServiceKey } from '../../src/domain/service/service.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { buildRoute } from '../../src/domain/traffic/build-route.ts';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/shared/search-attributes.ts';
import type { rollout } from '../../src/workflows/rollout/rollout.ts';
import { ifThere } from '../../src/temporal/if-there.ts';
import type { teardown } from '../../src/workflows/teardown/teardown.ts';
import { RecordingActivities } from '../doubles/recording-activities.ts';
import { Lane, type LanePool, newEnvironment } from './lane.ts';
import { type RolloutSample, revision, spec } from './samples.ts';

export type RolloutHandle = Omit<WorkflowHandleWithFirstExecutionRunId<typeof rollout>, 'result'> & {
  result(): Promise<RolloutResult>;
};

/** One service, workers on a task queue that is its own while its test runs, and activities that do as they are told. */
export class Bench {
  readonly service: ServiceKey;
  readonly activities: RecordingActivities;
  readonly env: TestWorkflowEnvironment;
  readonly #lane: Lane;
  #ended = false;

  private constructor(service: ServiceKey, activities: RecordingActivities, lane: Lane) {
    this.service = service;
    this.activities = activities;
    this.env = lane.env;
    this.#lane = lane;
    lane.enter(service.environment, activities);
  }

  /** With workers of its own, on a task queue named as its environment is. */
  static async open(env: TestWorkflowEnvironment, environment = newEnvironment()): Promise<Bench> {
    const activities = await RecordingActivities.create();
    return new Bench(
      { name: 'web', environment },
      activities,
      await Lane.open(env, activities, { taskQueue: environment }),
    );
  }

  /** With workers that an earlier test has left, or new ones. */
  static async openOn(lanes: LanePool): Promise<Bench> {
    const activities = await RecordingActivities.create();
    const service = { name: 'web', environment: newEnvironment() };
    return new Bench(service, activities, await lanes.take(activities));
  }

  /** With workers that others have at the same time. */
  static async openIn(lane: Lane): Promise<Bench> {
    return new Bench({ name: 'web', environment: newEnvironment() }, await RecordingActivities.create(), lane);
  }

  get lane(): Lane {
    return this.#lane;
  }

  get taskQueue(): string {
    return this.#lane.taskQueue;
  }

  /** Ends the workers, whatever they are doing. */
  async stop(): Promise<void> {
    await this.#lane.stop();
  }

  /** Ends the workers, whatever they are doing, and starts others. */
  async restart(): Promise<void> {
    await this.#lane.stop();
    await this.#lane.start();
  }

  /** Fails the test when an invariant was broken anywhere on the way. What runs still is ended. */
  async end(): Promise<void> {
    this.#ended = true;
    const { breaches } = this.activities;
    await this.#lane.leave(this.service.environment);
    await this.activities.close();
    assert.deepEqual(breaches, []);
  }

  /** Ends its workers, too. */
  async close(): Promise<void> {
    try {
      await this.end();
    } finally {
      await this.#lane.stop();
    }
  }

  /** Makes what the input takes for granted true: stacks that stand and are proven, the route, the records. */
  async prepare({
    described,
    revisionSet,
    revision: wanted,
    baseline,
    kind,
    number,
    actor,
    settings,
  }: RolloutSample): Promise<void> {
    const { catalogue } = this.activities.store;
    await catalogue.saveService(described, 1);
    const { live, warm } = revisionSet;
    for (const { revision: each, endpoints, since } of [...warm, ...(live ? [live] : [])]) {
      const made = revision(described, each.number);
      await this.activities.stacks.provision({ ...made, revision: each.number });
      this.activities.stacks.prove(each.number);
      const state = each.number === live?.revision.number ? 'live' : 'warm';
      await catalogue.saveRevision({ ...made, state, since, endpoints }, 1);
    }
    const made = wanted && revision(described, wanted.number);
    if (made && kind === 'rollback' && !this.activities.stacks.standing(made.number)) {
      await catalogue.saveRevision({ ...made, state: 'retired', since: made.createdAt, endpoints: [] }, 1);
    }
    if (live) await this.activities.router.apply(buildRoute(this.service, 1, live, warm));
    const at = new Date().toISOString();
    await catalogue.requests.save({
      ...{ service: this.service, requestId: `asked-${number}`, fingerprint: 'f', at },
      entry: {
        ...{ service: this.service, number, kind, actor, settings, queuedAt: at, reason: 'because' },
        ...(made && kind === 'deploy' ? { revision: made } : {}),
        ...(baseline ? { baseline: baseline.number } : {}),
        ...(made && kind === 'rollback' ? { to: made.number } : {}),
        ...(described.hooks ? { hooks: described.hooks } : {}),
      },
    });
  }

  /** Starts a rollout as its service would. */
  async start(sample: RolloutSample): Promise<RolloutHandle> {
    await this.prepare(sample);
    const { described: _described, ...input } = sample;
    const workflowId = workflowIds.rollout(this.service, input.number);
    await this.startAsService('rollout', workflowId, input, [
      { key: SEARCH_ATTRIBUTES.service, value: this.service.name },
      { key: SEARCH_ATTRIBUTES.phase, value: 'plan' },
    ]);
    return this.env.client.workflow.getHandle(workflowId) as unknown as RolloutHandle;
  }

  /** Starts the teardown of a revision, with short pauses between its attempts. */
  async tearDown(number: number): Promise<WorkflowHandle<typeof teardown> & { firstExecutionRunId: string }> {
    const { env, service } = this;
    const { catalogue } = this.activities.store;
    const made = revision(spec(service), number);
    await catalogue.saveService(spec(service), 1);
    await catalogue.saveRevision({ ...made, state: 'ready', since: made.createdAt, endpoints: [] }, 1);
    const task: TeardownInput = {
      v: 2,
      ref: { service, number: 1, actor: 'supplant' },
      revision: number,
      becomes: 'retired',
      because: 'its time is over',
      attempts: 0,
      since: new Date().toISOString(),
      retryMs: 20,
    };
    const workflowId = workflowIds.teardown(service, number);
    // Its service may be there already.
    await this.startAsService('teardown', workflowId, task, [], workflowIds.rollout(service, 1));
    const handle = env.client.workflow.getHandle<typeof teardown>(workflowId);
    return Object.assign(handle, { firstExecutionRunId: (await handle.describe()).runId });
  }

  /** Starts a workflow as its service would. */
  async startAsService(
    type: string,
    workflowId: string,
    task: object,
    attributes: object[] = [],
    parent = workflowIds.service(this.service),
  ): Promise<WorkflowHandle> {
    await this.env.client.workflow.execute('startChildOf', {
      workflowId: parent,
      taskQueue: this.taskQueue,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [type, workflowId, task, attributes],
    });
    return this.env.client.workflow.getHandle(workflowId);
  }

  /** Waits until a rollout's status shows a fact; one that was only just asked for may not have begun. */
  async until(handle: RolloutHandle, shows: (status: RolloutStatus) => boolean): Promise<RolloutStatus> {
    for (;;) {
      const status = await ifThere(handle.query<RolloutStatus>('status'));
      if (status && shows(status)) return status;
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
