import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Requests } from '../../src/backend/requests.ts';
import type { Ticket } from '../../src/domain/requests.ts';
import { spec } from '../workflow/samples.ts';
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
});
