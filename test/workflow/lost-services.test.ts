import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { type ServiceSpec, formatServiceId } from '../../src/domain/service/service.ts';
import { LostServices } from '../../src/temporal/lost-services.ts';
import { passing } from './faults.ts';
import { recordAlone } from './record-alone.ts';
import { isOver, ServiceBench } from './service-bench.ts';
import { spec } from './samples.ts';
import { benchForEach } from './suite.ts';

const LOOK_MS = 50;

describe('services without a workflow', () => {
  const bench = benchForEach();
  let said: string[] = [];

  function watching(): LostServices {
    const { env, taskQueue, activities } = bench();
    said = [];
    const log = (message: string, details: object): void => void said.push(`${message} ${JSON.stringify(details)}`);
    return LostServices.watch({ client: env.client, taskQueue, catalogue: activities.store.catalogue, log }, LOOK_MS);
  }

  it('carry out what was acknowledged, though nobody asks for anything more', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const hold = bench().activities.hold('provision');
    const running = await desk.apply('v2');
    await hold.reached;
    const waiting = await desk.apply('v3');
    await desk.handle.terminate();
    hold.release();
    using _lost = watching();
    for (const receipt of [running, waiting]) assert.equal((await desk.ended(receipt)).outcome, 'succeeded');
    assert.deepEqual(bench().activities.router.weights, { r3: 100, r2: 0 });
    assert.match(said.join('\n'), /^a service had no workflow; it goes on from what is recorded {"service":"web\/t-/);
  });

  it('let warm revisions go when their time is over', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const { activities } = bench();
    const second = await desk.apply('v2', { warmForMs: 3_000 });
    await desk.over(second);
    await desk.handle.terminate();
    using _lost = watching();
    await bench().visible(async () => activities.stacks.names.length === 1);
    assert.deepEqual(activities.stacks.names, ['r2']);
  });

  it('get one also where no rollout of theirs has begun', async () => {
    const { activities } = bench();
    const desk = new ServiceBench(bench());
    activities.on('open', passing());
    const hold = activities.hold('open');
    const first = await desk.apply('v1');
    await hold.reached;
    await desk.handle.terminate();
    await desk.rollout(first.rollout).terminate();
    hold.fail('its worker is gone');
    using _lost = watching();
    await bench().visible(async () => activities.router.weights.r1 === 100);
  });

  it('get none where they were removed', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    await desk.ended(await desk.remove());
    await bench().visible(() => isOver(desk.handle));
    const { activities, env, service } = bench();
    // Another one that is only on record shows that the look has passed.
    const other: ServiceSpec = spec({ ...service, name: 'zebra' });
    await activities.store.catalogue.saveService(other, 1);
    using _lost = watching();
    await bench().visible(async () => said.length > 0);
    assert.match(said.join(), /zebra/);
    assert.ok(await isOver(desk.handle));
    await env.client.workflow.getHandle(workflowIds.service(other.service)).terminate();
  });
});

describe('services that know nothing of a rollout that is on record', () => {
  const bench = benchForEach();

  it('are told, and carry it out though nobody asks again', async () => {
    const { env, taskQueue, activities } = bench();
    const { desk, hold, lost } = await recordAlone(bench());
    const said: string[] = [];
    const log = (message: string, details: object): void => void said.push(`${message} ${JSON.stringify(details)}`);
    using _lost = LostServices.watch(
      { client: env.client, taskQueue, catalogue: activities.store.catalogue, log },
      LOOK_MS,
    );
    await bench().visible(
      async () => (await desk.status())?.queue.some(({ number }) => number === lost.rollout) ?? false,
    );
    hold.release();
    assert.equal((await desk.over(lost)).outcome, 'succeeded');
    assert.equal((await desk.status())?.live, lost.revision);
    const { service } = bench();
    const told = said.filter((line) => line.includes('did not know'));
    assert.deepEqual(
      [...new Set(told)],
      [
        `a service did not know of a rollout that is on record; it takes it up ${JSON.stringify({ service: formatServiceId(service), rollout: 4 })}`,
      ],
    );
  });
});
