import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { waitUntil } from '../../../src/host/polling.ts';
import { isAlive } from '../../../src/host/process-identity.ts';
import type { Route } from '../../../src/domain/traffic/route.ts';
import type { HaproxyRouter } from '../../../src/routing/haproxy/client.ts';
import { parseServers } from '../../../src/routing/haproxy/statistics.ts';
import { InvalidRouteError, StaleGenerationError } from '../../../src/routing/router.ts';
import { ask, load } from '../../contract/http.ts';
import { type Seen, type Upstream, startUpstream } from '../../contract/upstream.ts';
import { kill } from '../router-process.ts';
import { HaproxyHome, type RunningHaproxy, describeWithHaproxy } from './home.ts';

const WEB = { name: 'web', environment: 'production' };
const API = { name: 'api', environment: 'production' };

/** How long a fact may take to show on a machine that does much else, in milliseconds. */
const PATIENCE_MS = 60_000;

describeWithHaproxy('the router that runs HAProxy', () => {
  let home: HaproxyHome;
  let router: HaproxyRouter;
  let one: Upstream;
  let two: Upstream;

  beforeEach(async () => {
    [home, one, two] = await Promise.all([HaproxyHome.make(), startUpstream('one'), startUpstream('two')]);
    router = home.client();
  });

  afterEach(async () => {
    one.release();
    two.release();
    await router.close();
    await home.dispose();
    await Promise.all([one.stop(), two.stop()]);
  });

  const split = (generation: number, weight: number, more: Partial<Route> = {}): Route => ({
    service: WEB,
    generation,
    targets: [
      { revision: 1, endpoints: [one.endpoint], weight: 100 - weight },
      { revision: 2, endpoints: [two.endpoint], weight },
    ],
    ...more,
  });

  const only = (): RunningHaproxy => {
    const [running, ...others] = home.running();
    assert.ok(running);
    assert.deepEqual(others, []);
    return running;
  };

  async function countAnswers(
    address: { host: string; port: number },
    requests: number,
  ): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let index = 0; index < requests; index += 1) {
      const { upstream } = JSON.parse((await ask(address)).body) as Seen;
      counts[upstream] = (counts[upstream] ?? 0) + 1;
    }
    return counts;
  }

  describe('when HAProxy is killed under load', () => {
    it('starts it again on the same port, with all that is wanted of it', async () => {
      await home.start();
      const { address } = await router.apply(split(7, 25));
      const clients = load(address, 4, { pauseMs: 1 });
      const { identity: killed } = only();
      process.kill(killed.pid, 'SIGKILL');
      const isBack = await waitUntil(PATIENCE_MS, () =>
        home.running().some(({ identity, port }) => identity.pid !== killed.pid && port === address.port),
      );
      assert.ok(isBack);
      // A write that comes meanwhile waits for it.
      await router.apply(split(8, 10));
      const { failures } = await clients.stop();
      // What was under way, and what knocked before the port was open again; nothing was answered wrongly.
      for (const failure of failures) assert.match(failure, /ECONNRE(SET|FUSED)|socket hang up/);
      assert.deepEqual(await countAnswers(address, 100), { one: 90, two: 10 });
      await assert.rejects(router.apply(split(7, 25)), StaleGenerationError);
      assert.equal((await router.observe(WEB))?.generation, 8);
    });
  });

  it('takes a cohort to its revision also after HAProxy was killed, and after the router that runs it was', async () => {
    const first = await home.start();
    const cohort = { revision: 2, header: { name: 'X-Beta', value: 'yes' } };
    const { address } = await router.apply(split(1, 0, { cohort }));
    const { identity: killed } = only();
    process.kill(killed.pid, 'SIGKILL');
    const isBack = await waitUntil(PATIENCE_MS, () =>
      home.running().some(({ identity }) => identity.pid !== killed.pid),
    );
    assert.ok(isBack);
    const ofCohort = async () => JSON.parse((await ask(address, { headers: { 'x-beta': 'yes' } })).body) as Seen;
    // An order that was carried out waited until HAProxy answers.
    await router.apply(split(2, 0, { cohort }));
    assert.equal((await ofCohort()).upstream, 'two');
    await kill(first);
    await home.start();
    assert.deepEqual((await router.observe(WEB))?.cohort, cohort);
    await router.apply(split(3, 0, { cohort: { revision: 2, cookie: { name: 'beta', value: 'yes' } } }));
    assert.equal((await ofCohort()).upstream, 'one');
    const answer = await ask(address, { headers: { cookie: 'a=b; beta=yes' } });
    assert.equal((JSON.parse(answer.body) as Seen).upstream, 'two');
  });

  it('leads to who is looked at also after either HAProxy was killed, and after the router that runs them was', async () => {
    const first = await home.start();
    const { address, preview } = await router.apply(split(1, 0, { preview: { revision: 2 } }));
    assert.ok(preview);
    for (const { identity } of home.running()) process.kill(identity.pid, 'SIGKILL');
    // An order that was carried out waited until both answer.
    await router.apply(split(2, 0, { preview: { revision: 2 } }));
    assert.deepEqual(await countAnswers(preview.address, 10), { two: 10 });
    const before = home.running().map(({ identity }) => identity);
    await kill(first);
    await home.start();
    assert.deepEqual(
      home.running().map(({ identity }) => identity),
      before,
    );
    const { address: after, preview: kept } = (await router.observe(WEB))!;
    assert.deepEqual([after, kept?.address, kept?.revision], [address, preview.address, 2]);
    assert.equal(kept?.served, 10);
    await router.apply(split(3, 100));
    assert.equal((await ask(preview.address)).status, 503);
    assert.deepEqual(await countAnswers(address, 10), { two: 10 });
  });

  describe('when it is killed itself under load', () => {
    it('cuts no request, and its successor takes HAProxy over as it is', async () => {
      const first = await home.start();
      const { address } = await router.apply(split(7, 25));
      await countAnswers(address, 20);
      const held = ask(address, { path: '/hold' });
      await Promise.race([one.held(1), two.held(1)]);
      const clients = load(address, 4);
      const { identity } = only();
      await kill(first);
      await home.start();
      assert.deepEqual(only().identity, identity);
      const observed = (await router.observe(WEB))!;
      assert.deepEqual([observed.generation, observed.address], [7, address]);
      await assert.rejects(router.apply(split(6, 100)), StaleGenerationError);
      await router.apply(split(8, 100));
      const { failures, total } = await clients.stop();
      assert.deepEqual(failures, []);
      one.release();
      two.release();
      assert.equal((await held).status, 200);
      const { targets } = (await router.observe(WEB))!;
      assert.equal(
        targets.reduce((sum, { served = 0 }) => sum + served, 0),
        total + 21,
      );
    });

    it('comes back with every route and port where HAProxy was killed with it', async () => {
      const first = await home.start();
      const { address } = await router.apply(split(7, 25));
      await router.apply(split(3, 0, { service: API }));
      await router.remove(API, 4);
      await kill(first);
      for (const { identity } of home.running()) process.kill(identity.pid, 'SIGKILL');
      await home.start();
      assert.deepEqual((await router.observe(WEB))?.address, address);
      assert.deepEqual(await countAnswers(address, 100), { one: 75, two: 25 });
      await assert.rejects(router.apply(split(3, 0, { service: API })), StaleGenerationError);
    });

    it('leaves no HAProxy behind that no service has any more', async () => {
      const first = await home.start();
      const { address } = await router.apply(split(1, 0));
      const held = ask(address, { path: '/hold' });
      await one.held(1);
      await router.remove(WEB, 2);
      const { identity } = only();
      await kill(first);
      await home.start();
      assert.equal((await router.drain(WEB, 1, 0)).requests, 1);
      one.release();
      assert.equal((await held).body, 'one begins, one ends');
      assert.ok(await waitUntil(PATIENCE_MS, () => !isAlive(identity)));
    });
  });

  it('ends every HAProxy with itself, and lets what is in flight finish', async () => {
    const process = await home.start({ graceMs: PATIENCE_MS });
    const { address } = await router.apply(split(1, 0));
    const held = ask(address, { path: '/hold' });
    await one.held(1);
    const { identity } = only();
    const ended = kill(process, 'SIGTERM');
    assert.ok(
      await waitUntil(PATIENCE_MS, () =>
        ask(address).then(
          () => false,
          () => true,
        ),
      ),
    );
    one.release();
    assert.equal((await held).body, 'one begins, one ends');
    assert.equal(await ended, 0);
    assert.equal(isAlive(identity), false);
  });

  describe('its servers', () => {
    const list = async (): Promise<string[]> =>
      parseServers(await only().runtime.ask('show servers state')).map(({ backend, name }) => `${backend}/${name}`);

    it('are added and deleted in a HAProxy that goes on', async () => {
      await home.start();
      await router.apply(split(1, 0));
      const { identity } = only();
      assert.equal((await list()).length, 2);
      const { address } = await router.apply({
        service: WEB,
        generation: 2,
        targets: [{ revision: 2, endpoints: [two.endpoint], weight: 100 }],
      });
      assert.deepEqual(await list(), [`slot-02/r2-127.0.0.1:${two.endpoint.port}`]);
      await router.apply({
        service: WEB,
        generation: 3,
        targets: [
          { revision: 2, endpoints: [two.endpoint], weight: 0 },
          { revision: 3, endpoints: [one.endpoint], weight: 100 },
        ],
      });
      // The slot of a revision that has left is another's.
      assert.deepEqual((await list()).toSorted(), [
        `slot-01/r3-127.0.0.1:${one.endpoint.port}`,
        `slot-02/r2-127.0.0.1:${two.endpoint.port}`,
      ]);
      await ask(address);
      const { targets } = (await router.observe(WEB))!;
      assert.deepEqual(
        targets.map(({ revision, served, failed }) => [revision, served, failed]),
        [
          [2, 0, 0],
          [3, 1, 0],
        ],
      );
      assert.deepEqual(only().identity, identity);
    });

    it('are deleted as soon as nothing is under way there any more, and get nothing new until then', async () => {
      await home.start();
      const { address } = await router.apply(split(1, 0));
      const held = ask(address, { path: '/hold' });
      await one.held(1);
      const targets = [{ revision: 2, endpoints: [two.endpoint], weight: 100 }];
      await router.apply({ service: WEB, generation: 2, targets });
      assert.deepEqual((await list()).toSorted(), [
        `slot-01/r1-127.0.0.1:${one.endpoint.port}`,
        `slot-02/r2-127.0.0.1:${two.endpoint.port}`,
      ]);
      assert.deepEqual(await countAnswers(address, 10), { two: 10 });
      one.release();
      await held;
      assert.ok(await waitUntil(PATIENCE_MS, async () => (await list()).length === 1));
    });

    it('are asked again over connections that are there', async () => {
      await home.start();
      const { address } = await router.apply(split(1, 0));
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let index = 0; index < 20; index += 1) await ask(address, { agent });
      agent.destroy();
      const [head = '', ...lines] = (await only().runtime.ask('show stat -1 2 -1')).split('\n');
      const opened = lines.find((line) => line.startsWith('slot-01,'))?.split(',')[head.split(',').indexOf('connect')];
      assert.ok(Number(opened) > 0 && Number(opened) < 20, `${opened} connections for 20 requests`);
    });

    it('stand in for each other within a revision, and never for another revision', async () => {
      await home.start();
      const gone = await startUpstream('gone');
      await gone.stop();
      const { address } = await router.apply({
        service: WEB,
        generation: 1,
        targets: [
          { revision: 1, endpoints: [gone.endpoint, one.endpoint], weight: 50 },
          { revision: 2, endpoints: [two.endpoint], weight: 50 },
        ],
      });
      assert.deepEqual(await countAnswers(address, 100), { one: 50, two: 50 });
      await router.apply({
        service: WEB,
        generation: 2,
        targets: [
          { revision: 1, endpoints: [gone.endpoint], weight: 50 },
          { revision: 2, endpoints: [two.endpoint], weight: 50 },
        ],
      });
      const answers = await Promise.all([ask(address), ask(address)]);
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 503]);
      assert.match(answers.find(({ status }) => status === 503)!.body, /^\{"error":"the revision did not answer/);
      const { targets } = (await router.observe(WEB))!;
      assert.deepEqual(
        targets.map(({ failed, unreachable }) => [failed, unreachable?.length]),
        [
          [1, 1],
          [0, undefined],
        ],
      );
      assert.ok(targets[0]?.lastFailedAt);
    });

    it('get requests by the weights of their endpoints', async () => {
      await home.start();
      const endpoints = [
        { ...one.endpoint, weight: 3 },
        { ...two.endpoint, weight: 1 },
      ];
      const targets = [{ revision: 1, endpoints, weight: 100 }];
      const { address } = await router.apply({ service: WEB, generation: 1, targets });
      assert.deepEqual(await countAnswers(address, 40), { one: 30, two: 10 });
    });

    it('are no more revisions than there is room for', async () => {
      await home.start();
      const targets = Array.from({ length: 33 }, (_, index) => ({
        revision: index + 1,
        endpoints: [one.endpoint],
        weight: index === 0 ? 100 : 0,
      }));
      await assert.rejects(router.apply({ service: WEB, generation: 1, targets }), (error) => {
        assert.ok(error instanceof InvalidRouteError);
        assert.match(error.message, /33 revisions stand; HAProxy has room for 32/);
        return true;
      });
      await router.apply({ service: WEB, generation: 1, targets: targets.slice(0, 32) });
      assert.match((await router.findObstacles(WEB))[0] ?? '', /32 revisions stand, of 32/);
    });
  });

  describe('its ports', () => {
    async function taken(port = randomInt(10_000, 32_000)) {
      const server = createServer();
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return { port: (server.address() as AddressInfo).port, free: () => once(server.close(), 'close') };
    }

    it('change without touching what is under way, and the one before is free at once', async () => {
      await home.start();
      const before = await router.apply(split(1, 0));
      const held = ask(before.address, { path: '/hold' });
      await one.held(1);
      const { port, free } = await taken();
      await free();
      const after = await router.apply(split(2, 100, { port }));
      assert.equal(after.address.port, port);
      await assert.rejects(ask(before.address), { code: 'ECONNREFUSED' });
      const other = await taken(before.address.port);
      assert.deepEqual(await countAnswers(after.address, 2), { two: 2 });
      assert.equal((await router.observe(WEB))?.targets[0]?.inFlight, 1);
      one.release();
      assert.equal((await held).body, 'one begins, one ends');
      assert.ok(await waitUntil(PATIENCE_MS, () => home.running().length === 1));
      await other.free();
    });

    it('are others where they are taken, until they can be had, or none where no other will do', async () => {
      await home.start();
      const other = await taken();
      const refused = router.apply(split(1, 0, { port: other.port, strictPort: true }));
      await assert.rejects(refused, /port \d+ is taken by .*, and no other will do/);
      const { address, portFault } = await router.apply(split(1, 0, { port: other.port }));
      assert.notEqual(address.port, other.port);
      assert.match(portFault ?? '', /is taken/);
      await other.free();
      assert.ok(await waitUntil(PATIENCE_MS, async () => (await router.observe(WEB))?.address.port === other.port));
      assert.deepEqual(await countAnswers({ ...address, port: other.port }, 1), { one: 1 });
    });
  });
});
