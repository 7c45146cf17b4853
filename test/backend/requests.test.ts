import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Requests } from '../../src/backend/requests.ts';
import type { Ticket } from '../../src/domain/requests.ts';
import { passing } from '../workflow/faults.ts';
import { spec } from '../workflow/samples.ts';
import { ServiceBench } from '../workflow/service-bench.ts';
import { benchForEach } from '../workflow/suite.ts';

const HOUR_MS = 3_600_000;

describe('requests of a gateway', () => {
  const bench = benchForEach();

  for (const [name, offset] of [
    ['right', 0],
    ['an hour fast', HOUR_MS],
    ['an hour slow', -HOUR_MS],
  ] as const) {
    it(`are taken once where its clock is ${name}`, async () => {
      const { env, service, taskQueue } = bench();
      const requests = new Requests(env.client, { taskQueue, now: () => Date.now() + offset });
      const change = { actor: 'ada', requestId: randomUUID() };
      const first = await requests.send<Ticket>(service, 'apply', { change, spec: spec(service) });
      const again = await requests.send<Ticket>(service, 'apply', { change, spec: spec(service) });
      assert.equal(first.rollout, 1);
      assert.equal(again.rollout, 1);
    });
  }

  it('follow a clock that is set while it runs', async () => {
    const { env, service, taskQueue } = bench();
    let offset = 0;
    const requests = new Requests(env.client, { taskQueue, now: () => Date.now() + offset });
    for (offset of [0, HOUR_MS, -HOUR_MS, 0]) {
      const change = { actor: 'ada', requestId: randomUUID() };
      await requests.send<Ticket>(service, 'apply', { change, spec: spec(service, { artifact: `at ${offset}` }) });
    }
  });

  for (const [when, fault] of [
    ['in its first task', undefined],
    ['after it has begun on it', passing()],
  ] as const) {
    it(`are taken once where their service is terminated ${when}`, async () => {
      const { env, service, taskQueue, activities } = bench();
      const desk = await ServiceBench.live(bench(), 1);
      if (fault) activities.on('accept', fault);
      const hold = activities.hold('accept');
      const requests = new Requests(env.client, { taskQueue });
      const args = { change: { actor: 'ada', requestId: randomUUID() }, spec: spec(service, { artifact: 'v2' }) };
      const asked = requests.send<Ticket>(service, 'apply', args);
      await hold.reached;
      await desk.handle.terminate();
      hold.release();
      assert.equal((await asked).rollout, 2);
      assert.equal((await requests.send<Ticket>(service, 'apply', args)).rollout, 2);
      assert.equal((await desk.over({ rollout: 2 })).outcome, 'succeeded');
    });
  }
});
