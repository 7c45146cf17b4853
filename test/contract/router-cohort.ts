import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import WebSocket from 'ws';
import type { Endpoint } from '../../src/domain/service/revision.ts';
import type { CohortRule } from '../../src/domain/traffic/cohort.ts';
import type { Route } from '../../src/domain/traffic/route.ts';
import { InvalidRouteError } from '../../src/routing/router.ts';
import { type Asking, ask, load } from './http.ts';
import type { RouterUnderTest } from './router-under-test.ts';
import type { Seen, Upstream } from './upstream.ts';

const HEADER: CohortRule = { header: { name: 'X-Beta', value: 'yes' } };
const COOKIE: CohortRule = { cookie: { name: 'beta', value: 'a.b=1' } };

/** What every router must do that can tell a cohort's requests; the others refuse a route with one. */
export function cohortContract(name: string, setup: () => Promise<RouterUnderTest>): void {
  describe(`router contract, cohorts: ${name}`, () => {
    let under: RouterUnderTest;
    let one: Upstream;
    let two: Upstream;

    beforeEach(async () => {
      under = await setup();
      [one, two] = await Promise.all([under.startUpstream('one'), under.startUpstream('two')]);
    });

    afterEach(async () => {
      await Promise.all([one.stop(), two.stop()]);
      await under.dispose();
    });

    /** r1 at the rest, r2 at `weight` and with the cohort of a rule. */
    const route = (generation: number, weight: number, rule?: CohortRule): Route => ({
      service: { name: 'web', environment: 'production' },
      generation,
      ...(rule ? { cohort: { revision: 2, ...rule } } : {}),
      targets: [
        { revision: 1, endpoints: [one.endpoint], weight: 100 - weight },
        { revision: 2, endpoints: [two.endpoint], weight },
      ],
    });

    /** Who answers, `one` or `two`. */
    async function whom(address: Endpoint, headers: Record<string, string> = {}, agent?: Agent): Promise<string> {
      const asking: Asking = { headers, ...(agent ? { agent } : {}) };
      const { status, body } = await ask(address, asking);
      assert.equal(status, 200, body);
      return (JSON.parse(body) as Seen).upstream;
    }

    async function whomByWebSocket(address: Endpoint, headers: Record<string, string>): Promise<string> {
      const socket = new WebSocket(`ws://${address.host}:${address.port}/`, { headers });
      await once(socket, 'open');
      socket.send('hello');
      const [answer] = (await once(socket, 'message')) as [Buffer];
      socket.terminate();
      return answer.toString().split(':')[0] ?? '';
    }

    /** Otherwise what follows says nothing: such a router refuses the route, which is told below. */
    function itTells(what: string, body: () => Promise<void>): void {
      it(what, async () => {
        if (under.cohorts ?? true) await body();
      });
    }

    it('are refused by a router that cannot tell requests apart', async () => {
      if (under.cohorts ?? true) return;
      await assert.rejects(under.router.apply(route(1, 0, HEADER)), (error) => {
        assert.ok(error instanceof InvalidRouteError);
        assert.match(error.message, /cohort/);
        return true;
      });
    });

    itTells('take the requests with the header to their revision, and no other request', async () => {
      const { address, cohort } = await under.router.apply(route(1, 0, HEADER));
      assert.deepEqual(cohort, { revision: 2, ...HEADER });
      assert.deepEqual((await under.router.observe(route(1, 0).service))?.cohort, cohort);
      const others = [
        {},
        { 'x-beta': 'no' },
        { 'x-beta': 'yess' },
        { 'x-beta': 'YES' },
        { 'x-beta': 'yes, yes' },
        { 'x-beta-2': 'yes' },
        { 'xx-beta': 'yes' },
        { 'x-other': 'x-beta: yes' },
        { 'x-other': '\tx-beta: yes' },
        { cookie: 'x-beta=yes' },
      ];
      for (const headers of others) assert.equal(await whom(address, headers as Record<string, string>), 'one');
      for (const headers of [{ 'x-beta': 'yes' }, { 'X-BETA': 'yes', 'x-other': 'no' }]) {
        for (let index = 0; index < 5; index += 1) {
          assert.equal(await whom(address, headers as Record<string, string>), 'two');
        }
      }
    });

    itTells('take the requests with the cookie, wherever it stands among others', async () => {
      const { address } = await under.router.apply(route(1, 0, COOKIE));
      for (const cookie of ['beta=a.b=1', 'a=1; beta=a.b=1', 'beta=a.b=1; z=2', 'a=1;beta=a.b=1;z=2']) {
        assert.equal(await whom(address, { cookie }), 'two', cookie);
      }
      for (const cookie of ['beta=a.b=12', 'beta=axb=1', 'xbeta=a.b=1', 'a=beta=a.b=1', 'beta=', 'BETA=a.b=1']) {
        assert.equal(await whom(address, { cookie }), 'one', cookie);
      }
      assert.equal(await whom(address, { beta: 'a.b=1' }), 'one');
    });

    itTells('have either, where the rule has both', async () => {
      const { address } = await under.router.apply(route(1, 0, { ...HEADER, ...COOKIE }));
      assert.equal(await whom(address, { 'x-beta': 'yes' }), 'two');
      assert.equal(await whom(address, { cookie: 'beta=a.b=1' }), 'two');
      assert.equal(await whom(address), 'one');
    });

    itTells('are told request by request on one connection, and by WebSockets too', async () => {
      const { address } = await under.router.apply(route(1, 0, HEADER));
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const answers: string[] = [];
      for (const headers of [{}, { 'x-beta': 'yes' }, {}, { 'x-beta': 'yes' }]) {
        answers.push(await whom(address, headers, agent));
      }
      agent.destroy();
      assert.deepEqual(answers, ['one', 'two', 'one', 'two']);
      assert.equal(await whomByWebSocket(address, { 'x-beta': 'yes' }), 'two');
      assert.equal(await whomByWebSocket(address, {}), 'one');
    });

    itTells('leave the shares of all others as they are', async () => {
      const { address } = await under.router.apply(route(1, 10, HEADER));
      let shifted = 0;
      for (let index = 0; index < 100; index += 1) {
        if ((await whom(address)) === 'two') shifted += 1;
        // Every second request is the cohort's, and takes no turn of the others.
        assert.equal(await whom(address, { 'x-beta': 'yes' }), 'two');
      }
      assert.equal(shifted, 10);
    });

    itTells('go with the write that has none, and change with the one that has another', async () => {
      const { address } = await under.router.apply(route(1, 0, HEADER));
      await under.router.apply(route(2, 0, COOKIE));
      assert.equal(await whom(address, { 'x-beta': 'yes' }), 'one');
      assert.equal(await whom(address, { cookie: 'beta=a.b=1' }), 'two');
      await under.router.apply(route(3, 0, { ...HEADER, ...COOKIE }));
      assert.equal(await whom(address, { 'x-beta': 'yes' }), 'two');
      const { cohort } = await under.router.apply(route(4, 0));
      assert.equal(cohort, undefined);
      for (const headers of [{ 'x-beta': 'yes' }, { cookie: 'beta=a.b=1' }]) {
        assert.equal(await whom(address, headers as Record<string, string>), 'one');
      }
    });

    itTells('lose nothing while they come and go under load', async () => {
      const { address } = await under.router.apply(route(1, 0));
      const clients = [load(address, 4, { headers: { 'x-beta': 'yes' } }), load(address, 4)];
      for (let generation = 2; generation <= 30; generation += 1) {
        await under.router.apply(route(generation, generation, [HEADER, COOKIE, undefined][generation % 3]));
      }
      for (const client of clients) assert.deepEqual((await client.stop()).failures, []);
    });

    itTells('keep their revision from being drained, and are part of what a write says', async () => {
      await under.router.apply(route(1, 0, HEADER));
      await assert.rejects(under.router.drain(route(1, 0).service, 2, 1_000), InvalidRouteError);
      await assert.rejects(under.router.apply(route(1, 0)), /written before with other content/);
      await under.router.apply(route(1, 0, HEADER));
    });

    itTells('are refused with every fault where their rule or revision is none', async () => {
      const cohort = { revision: 7, header: { name: 'Host', value: 'a b' } };
      await assert.rejects(under.router.apply({ ...route(1, 0), cohort }), (error) => {
        assert.ok(error instanceof InvalidRouteError);
        for (const fault of [/header Host of the cohort belongs/, /value of header Host/, /r7, which is not listed/]) {
          assert.match(error.message, fault);
        }
        return true;
      });
      await assert.rejects(under.router.apply({ ...route(1, 0), cohort: { revision: 2 } }), /neither a header nor/);
    });
  });
}
