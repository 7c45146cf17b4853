import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { after, afterEach, before, beforeEach } from 'mocha';
import { Experiments } from '../../../src/gateway/backend/experiments/experiments.ts';
import { Previews } from '../../../src/gateway/backend/previews/previews.ts';
import { waitUntil } from '../../../src/host/polling.ts';
import {
  type ExperimentKey,
  type ExperimentSpec,
  formatExperimentId,
} from '../../../src/domain/experiment/experiment.ts';
import { type RunRef, experimentIds } from '../../../src/domain/experiment/run.ts';
import type { PortRange } from '../../../src/domain/preview/ports.ts';
import type { RequestMeta } from '../../../src/domain/service/requests.ts';
import { type Store, openStore } from '../../../src/store/store.ts';
import { ExperimentWatch, type ExperimentWatchOptions } from '../../../src/temporal/experiment-watch.ts';
import { experimentSpec } from '../../domain/experiment/samples.ts';
import { quieten, startServer } from '../../workflow/server.ts';
import { toldQuery } from './experiment-workflow.ts';

/** Schedules are a namespace's, and the watch takes away what it does not know: the server is not shared. */
const OF_ITS_OWN = ['limit.maxIDLength=1000'];

const LIMIT_MS = 30_000;

export interface BenchOptions {
  longestTtlMs?: number;
  previewPorts?: PortRange;
}

/** What stands behind a gateway, as far as it is experiments, over a real Temporal and an empty record. */
export class ExperimentBench {
  readonly env: TestWorkflowEnvironment;
  readonly store: Store;
  readonly taskQueue: string;
  readonly experiments: Experiments;
  readonly previews: Previews;

  constructor(env: TestWorkflowEnvironment, store: Store, taskQueue: string, options: BenchOptions = {}) {
    this.env = env;
    this.store = store;
    this.taskQueue = taskQueue;
    this.experiments = this.gateway(env.client, options);
    const openStore = async () => store;
    this.previews = new Previews({ temporal: env.client, openStore, namespace: 'default', taskQueue, ...options });
  }

  gateway(temporal: TestWorkflowEnvironment['client'], options: BenchOptions = {}): Experiments {
    const openStore = async () => this.store;
    const { taskQueue } = this;
    return new Experiments({ temporal, openStore, namespace: 'default', ui: 'http://ui', taskQueue, ...options });
  }

  /** A worker's watch that looks often. */
  watch(options: Partial<ExperimentWatchOptions> = {}): ExperimentWatch {
    const { client } = this.env;
    const { taskQueue, store } = this;
    const { audit, experiments } = store;
    const log = () => undefined;
    return ExperimentWatch.watch({ client, taskQueue, experiments, audit, log, everyMs: 50, ...options });
  }

  async audited(key: ExperimentKey): Promise<string[]> {
    const events = await this.store.audit.list({ subject: formatExperimentId(key) });
    return events.map(({ type }) => type);
  }

  /** How Temporal's schedule stands; undefined where there is none. */
  async schedule({ experiment }: Pick<ExperimentSpec, 'experiment'>) {
    const handle = this.env.client.schedule.getHandle(experimentIds.schedule(experiment));
    return handle.describe().catch(() => undefined);
  }

  async workflowOf(run: RunRef) {
    const record = await this.store.experiments.runs.find(run);
    assert.ok(record, 'the run is not recorded');
    return this.env.client.workflow.getHandle(record.workflowId);
  }

  /** How often the workflow of a run was told to read its record. */
  async told(run: RunRef): Promise<number> {
    return (await this.workflowOf(run)).query(toldQuery);
  }

  /** Records that a run is over. */
  async end(ref: RunRef, outcome: 'succeeded' | 'skipped' = 'succeeded'): Promise<void> {
    const { runs } = this.store.experiments;
    const record = await runs.find(ref);
    assert.ok(record, 'the run is not recorded');
    await runs.save({ ...record.status, outcome, endedAt: new Date().toISOString() });
  }

  async holds(what: string, fact: () => boolean | Promise<boolean>): Promise<void> {
    assert.ok(await waitUntil(LIMIT_MS, fact), what);
  }
}

/** Who asks, under an id of its own unless told. */
export function by(changes: Partial<RequestMeta> = {}): RequestMeta {
  return { actor: 'ada', requestId: randomUUID(), ...changes };
}

/** An experiment that no other test has, every hour. */
export function hourly(changes: Partial<ExperimentSpec> = {}): ExperimentSpec {
  const experiment = { name: `x${randomUUID().replaceAll('-', '').slice(0, 12)}`, environment: 'production' };
  return experimentSpec({ experiment, schedule: { every: { everyMs: 3_600_000, offsetMs: 0 } }, ...changes });
}

/** The same that runs when somebody asks for it. */
export function onDemand(changes: Partial<ExperimentSpec> = {}): ExperimentSpec {
  const { schedule: _, ...spec } = hourly(changes);
  return spec;
}

/** A server for all tests of a suite with a worker, and an empty record for each. */
export function experimentBenchForEach(options?: BenchOptions): () => ExperimentBench {
  const taskQueue = `experiments-${randomUUID()}`;
  let env: TestWorkflowEnvironment;
  let worker: Worker;
  let running: Promise<void>;
  let bench: ExperimentBench | undefined;
  before(async () => {
    quieten();
    const workflowsPath = fileURLToPath(new URL('experiment-workflow.ts', import.meta.url));
    const [server, workflowBundle] = await Promise.all([
      startServer(OF_ITS_OWN),
      bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }),
    ]);
    env = server;
    worker = await Worker.create({ connection: env.nativeConnection, taskQueue, workflowBundle });
    running = worker.run();
  });
  after(async () => {
    worker.shutdown();
    await running;
    await env.teardown();
  });
  beforeEach(async () => {
    bench = new ExperimentBench(env, await openStore(':memory:'), taskQueue, options);
  });
  afterEach(async () => {
    const ended = bench;
    bench = undefined;
    await ended?.store.close();
  });
  return () => {
    if (!bench) throw new Error('a bench is there only while a test runs');
    return bench;
  };
}
