import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { describe, it } from 'mocha';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { buildServiceStart } from '../../src/temporal/service-start.ts';
import { StuckWorkflows } from '../../src/temporal/stuck-workflows.ts';
import { catchUpSignal } from '../../src/workflows/shared/messages.ts';
import { findDivergences } from './replays.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const OTHER_CODE = fileURLToPath(new URL('../doubles/other-workflows.ts', import.meta.url));
const LOOK_MS = 50;

/** Events of a run whose first task has come to its timer. */
const TIMER_SET = 5;

describe('workflows that no worker can go on with', () => {
  const bench = benchForEach();
  let said: string[] = [];

  function watching(): StuckWorkflows {
    const { env, taskQueue, activities } = bench();
    said = [];
    const log = (message: string, details: object): void => void said.push(`${message} ${JSON.stringify(details)}`);
    return StuckWorkflows.watch({ client: env.client, taskQueue, catalogue: activities.store.catalogue, log }, LOOK_MS);
  }

  /** Has a worker of other code begin workflows instead of the test's own workers. */
  async function withOtherCode(act: () => Promise<void>): Promise<void> {
    const { env, taskQueue } = bench();
    await bench().stop();
    const other = await Worker.create({
      ...{ connection: env.nativeConnection, namespace: env.namespace ?? 'default', taskQueue },
      workflowsPath: OTHER_CODE,
    });
    await other.runUntil(act);
  }

  /** Starts the service's workflow, whichever that is there. */
  async function startService(given: { isBroken?: boolean } = {}): Promise<void> {
    const { env, taskQueue, service } = bench();
    const start = buildServiceStart(service, taskQueue);
    await env.client.workflow.start('service', { ...start, args: [{ ...start.args[0], ...given }] });
  }

  async function hasSetTimer(workflowId: string): Promise<boolean> {
    return (await bench().env.client.workflow.getHandle(workflowId).describe()).historyLength >= TIMER_SET;
  }

  it('are ended, and services go on from what is recorded with the rollout that runs', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const hold = bench().activities.hold('provision');
    const running = await desk.apply('v2');
    await hold.reached;
    await desk.handle.terminate();
    await withOtherCode(async () => {
      await startService();
      await bench().visible(() => hasSetTimer(desk.handle.workflowId));
    });
    await bench().lane.start();
    await desk.handle.signal(catchUpSignal);
    using _stuck = watching();
    await bench().visible(async () => said.length > 0);
    assert.match(
      said.join('\n'),
      /^a service could not go on with its workflow; .* {"service":"web\/t-.*Nondeterminism error/,
    );
    hold.release();
    assert.equal((await desk.over(running)).outcome, 'succeeded');
    assert.equal((await desk.over(await desk.apply('v3'))).outcome, 'succeeded');
    assert.equal((await desk.status())?.live, 3);
    assert.equal(said.length, 1);
    const [diverging = '', ...others] = await findDivergences(bench().env.client.workflow, bench().service);
    assert.match(diverging, /^service\/web.*nondeterminism/i);
    assert.deepEqual(others, []);
  });

  it('are ended where the reaper begins them again', async () => {
    const { env, service, taskQueue } = bench();
    const workflowId = workflowIds.teardown(service, 1);
    await withOtherCode(async () => {
      await env.client.workflow.start('teardown', { workflowId, taskQueue });
      await bench().visible(() => hasSetTimer(workflowId));
    });
    await bench().lane.start();
    const handle = env.client.workflow.getHandle(workflowId);
    await handle.signal('wake up');
    using _stuck = watching();
    await bench().visible(async () => (await handle.describe()).status.name === 'TERMINATED');
    await bench().visible(async () => said.length > 0);
    assert.match(said.join('\n'), /^a workflow was ended that no worker could go on with {"workflowId":"teardown\/web/);
  });

  it('are left alone where their task fails for another reason', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    await desk.handle.terminate();
    using _stuck = watching();
    await withOtherCode(async () => {
      await startService({ isBroken: true });
      await bench().visible(async () => ((await desk.handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0) > 5);
    });
    assert.deepEqual(said, []);
    assert.equal((await desk.handle.describe()).status.name, 'RUNNING');
  });
});
