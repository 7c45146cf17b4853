import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { describe, it } from 'mocha';
import { buildServiceStart } from '../../src/temporal/service-start.ts';
import { StuckServices } from '../../src/temporal/stuck-services.ts';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { catchUpSignal } from '../../src/workflows/shared/messages.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const OTHER_CODE = fileURLToPath(new URL('../doubles/other-service.ts', import.meta.url));
const LOOK_MS = 50;

describe('services whose workflow no worker can go on with', () => {
  const bench = benchForEach();
  let said: string[] = [];

  function watching(): StuckServices {
    const { env, taskQueue, activities } = bench();
    said = [];
    const log = (message: string, details: object): void => void said.push(`${message} ${JSON.stringify(details)}`);
    return StuckServices.watch({ client: env.client, taskQueue, catalogue: activities.store.catalogue, log }, LOOK_MS);
  }

  async function attempts(): Promise<number> {
    const { raw } = await bench().env.client.workflow.getHandle(workflowIds.service(bench().service)).describe();
    return raw.pendingWorkflowTask?.attempt ?? 0;
  }

  /** Has a worker of other code begin the service's workflow, and go on with it until that has come so far. */
  async function beginWithOtherCode(given: { isBroken?: boolean }, until: () => Promise<boolean>): Promise<void> {
    const { env, taskQueue, service } = bench();
    const other = await Worker.create({
      ...{ connection: env.nativeConnection, namespace: env.namespace ?? 'default', taskQueue },
      workflowsPath: OTHER_CODE,
    });
    await other.runUntil(async () => {
      const start = buildServiceStart(service, taskQueue);
      await env.client.workflow.start('service', { ...start, args: [{ ...start.args[0], ...given }] });
      await bench().visible(until);
    });
  }

  it('go on from what is recorded in a new one, with the rollout that runs', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const hold = bench().activities.hold('provision');
    const running = await desk.apply('v2');
    await hold.reached;
    await desk.handle.terminate();
    await bench().stop();
    await beginWithOtherCode({}, async () => (await desk.handle.describe()).historyLength > 4);
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
  });

  it('are left alone where their task fails for another reason', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    await desk.handle.terminate();
    await bench().stop();
    using _stuck = watching();
    await beginWithOtherCode({ isBroken: true }, async () => (await attempts()) > 5);
    assert.deepEqual(said, []);
    assert.equal((await desk.handle.describe()).status.name, 'RUNNING');
  });
});
