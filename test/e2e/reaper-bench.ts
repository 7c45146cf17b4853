import { mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { runningProcesses } from '../../blueprints/local-process/inventory.ts';
import type { ReaperSettings } from '../../src/activities/reaper/parts.ts';
import type { Lease } from '../../src/domain/experiment/lease.ts';
import { locateVariant } from '../../src/domain/experiment/experiment.ts';
import type { RunRef } from '../../src/domain/experiment/run.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { DEFAULT_POLICY, type ReaperPolicy, type StackName } from '../../src/domain/reaper/facts.ts';
import type { Finding } from '../../src/domain/reaper/finding.ts';
import { formatStackName } from '../../src/domain/service/revision.ts';
import { waitUntil } from '../../src/host/polling.ts';
import type { Router, RouterLookup } from '../../src/routing/router.ts';
import type { StackDriver, StackInput } from '../../src/stacks/driver.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { LookSchedule, REAPER_LOOK } from '../../src/temporal/look-schedule.ts';
import { TaskTokenJournal } from '../../src/temporal/task-token-journal.ts';
import { createHookCaller } from '../../src/hooks/http-caller.ts';
import { readAllowedHosts } from '../../src/hooks/reachable.ts';
import { DEFAULT_POOL } from '../../src/domain/pools/pool.ts';
import { Workers } from '../../src/temporal/workers.ts';
import { createWorkflowLookup } from '../../src/temporal/workflow-lookup.ts';
import { readHostId } from '../../src/stacks/host-id.ts';
import { ANSWERS_PID, nodeConfig, openDriver, uninterrupted } from '../stacks/workbench.ts';
import { startServer, workflowBundle } from '../workflow/server.ts';

const FAULTY = join(import.meta.dirname, '../doubles/faulty-blueprint/index.ts');
const TASK_QUEUE = 'reaped';

/** How long a fact may take to show on a machine that does much else, in milliseconds. */
const PATIENCE_MS = 90_000;

const SOON: ReaperPolicy = {
  ...DEFAULT_POLICY,
  ...{ leaseGraceMs: 500, confirmMs: 500, retryMs: 300, longestRetryMs: 1_000, attempts: 3 },
};

/** A stack that stands. */
export interface Stand {
  id: StackName;
  input: StackInput;
}

/** The reaper by itself: its workers, its schedule, a real Temporal, engine and store. Services have no part in it. */
export class ReaperBench {
  readonly env: TestWorkflowEnvironment;
  readonly store: Store;
  readonly driver: StackDriver;
  readonly #folder: string;
  readonly #owners: WorkflowHandle[] = [];
  #policy: ReaperPolicy = SOON;
  #workers: Workers | undefined;
  #running: Promise<void> | undefined;
  #schedule: LookSchedule | undefined;

  private constructor(env: TestWorkflowEnvironment, store: Store, driver: StackDriver, folder: string) {
    this.env = env;
    this.store = store;
    this.driver = driver;
    this.#folder = folder;
  }

  static async open(): Promise<ReaperBench> {
    const folder = await mkdtemp(join(tmpdir(), 'supplant-reaper-'));
    // One of its own: the schedule has the same name wherever there is one.
    const env = await startServer(['limit.maxIDLength=1000']);
    const store = await openStore(join(folder, 'store.sqlite'));
    const driver = await openDriver(join(folder, 'stacks'), { blueprints: [FAULTY], supervise: false });
    const bench = new ReaperBench(env, store, driver, folder);
    await bench.start();
    return bench;
  }

  /** With another policy from here on. */
  async use(policy: Partial<ReaperPolicy>): Promise<void> {
    await this.stop();
    this.#policy = { ...SOON, ...policy };
    await this.start();
  }

  async start(): Promise<void> {
    const { env, store, driver: stacks } = this;
    const settings: ReaperSettings = { policy: this.#policy, everyMs: 1_000, sharedEveryMs: 1_000 };
    const reaper = { log: store.reaper, workflows: createWorkflowLookup(env.client), settings };
    this.#workers = await Workers.create({
      pools: [DEFAULT_POOL],
      connection: env.nativeConnection,
      namespace: env.namespace ?? 'default',
      taskQueue: TASK_QUEUE,
      ports: {
        ...store,
        stacks,
        routers: NO_ROUTES,
        hooks: createHookCaller({ allowed: readAllowedHosts() }),
        reaper,
        bindings: store.ledger.commissions,
        host: await readHostId(join(this.#folder, 'stacks')),
      },
      inHand: TaskTokenJournal.begin(join(this.#folder, 'workers')),
      workflowBundle: await workflowBundle(),
    });
    this.#running = this.#workers.run();
    const log = (): void => undefined;
    const where = { client: env.client, taskQueue: TASK_QUEUE, look: REAPER_LOOK };
    this.#schedule = LookSchedule.watch({ ...where, everyMs: 1_000, log }, 500);
  }

  /** Ends the workers; what they are doing is called off. */
  async stop(): Promise<void> {
    this.#schedule?.[Symbol.dispose]();
    this.#workers?.shutdown();
    await this.#running;
  }

  async close(): Promise<void> {
    await this.stop();
    for (const { pid } of await runningProcesses(join(this.#folder, 'stacks'))) process.kill(pid, 'SIGKILL');
    await this.driver.close();
    await this.store.close();
    await this.env.teardown();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Makes a stack as a revision's, of a blueprint that fails as told. */
  async stand(service: StackInput['service'], revision: number, faults: JsonObject[] = []): Promise<Stand> {
    const stand = await this.#plan(service, revision, faults);
    await this.driver.provision(stand.input, uninterrupted());
    return stand;
  }

  async #plan(service: StackInput['service'], revision: number, faults: JsonObject[]): Promise<Stand> {
    const config = nodeConfig(ANSWERS_PID, { faults });
    const { digest } = await this.driver.describe({ name: 'faulty', config }, 'command');
    const input = { service, revision, artifact: 'command', blueprint: { name: 'faulty', digest, config } };
    return { id: { project: service.environment, stack: formatStackName(service, revision) }, input };
  }

  /** A run of an experiment with one variant, as its workflow leaves it while it goes on. */
  async run(
    name: string,
    { forMs = 600_000, faults = [] as JsonObject[] } = {},
  ): Promise<{ owner: WorkflowHandle; run: RunRef; id: StackName }> {
    const experiment = { name, environment: 'test' };
    const owner = await this.owner();
    const { runId: firstRunId } = await owner.describe();
    const deadlineAt = new Date(Date.now() + forMs).toISOString();
    const { workflowId } = owner;
    const at = new Date().toISOString();
    const start = { experiment, workflowId, firstRunId, trigger: 'person', actor: 'ada', at, deadlineAt } as const;
    const { status } = await this.store.experiments.runs.begin({ ...start, stacks: 1 });
    const run = { experiment, run: status.run };
    const place = locateVariant(experiment, status.run, 'blue');
    const { id, input } = await this.#plan(place.service, place.revision, faults);
    const { artifact, blueprint } = input;
    const lease: Lease = {
      ...{ ...id, run, variant: 'blue', workflowId, firstRunId, artifact, blueprint },
      ...{ takenAt: at, deadlineAt },
    };
    await this.store.experiments.leases.take([lease]);
    await this.driver.provision(input, uninterrupted());
    return { owner, run, id };
  }

  /** A workflow that goes on until it is terminated. */
  async owner(): Promise<WorkflowHandle> {
    const options = { taskQueue: 'nobody', workflowId: `owner-${randomUUID()}`, args: [] };
    const handle = await this.env.client.workflow.start('experiment', options);
    this.#owners.push(handle);
    return handle;
  }

  async ask(skipGrace: boolean): Promise<void> {
    const at = new Date().toISOString();
    await this.store.reaper.ask({ requestId: randomUUID(), fingerprint: 'f', skipGrace, at });
  }

  async finding(id: StackName): Promise<Finding | undefined> {
    const { findings = [] } = (await this.store.reaper.look()) ?? {};
    return findings.find((each) => each.project === id.project && each.stack === id.stack);
  }

  /** So many looks have begun and ended from here on. */
  async looks(count: number): Promise<void> {
    const seen = new Set<string | undefined>([(await this.store.reaper.look())?.lookedAt]);
    await this.until(`${count} looks`, async () => {
      seen.add((await this.store.reaper.look())?.lookedAt);
      // The first to be seen may have begun before.
      return seen.size > count + 1;
    });
  }

  async pids({ stack }: StackName): Promise<number[]> {
    const running = await runningProcesses(join(this.#folder, 'stacks'));
    return running.filter((each) => each.stack === stack).map(({ pid }) => pid);
  }

  /** Neither processes nor state. */
  async isGone(id: StackName): Promise<boolean> {
    return (await this.pids(id)).length === 0 && (await this.driver.list()).every(({ stack }) => stack !== id.stack);
  }

  /** The types of the events about a stack, and about the run that it was of. */
  async events({ stack }: StackName): Promise<string[]> {
    const events = await this.store.audit.list();
    return events.filter(({ data }) => data.stack === stack).map(({ type }) => type);
  }

  async until(what: string, fact: () => Promise<boolean>): Promise<void> {
    if (!(await waitUntil(PATIENCE_MS, fact))) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
  }
}

/** No router leads anywhere. */
const NO_ROUTES: RouterLookup = { of: async () => ({ observe: async () => undefined }) as unknown as Router };
