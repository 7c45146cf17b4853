import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import WebSocket from 'ws';
import type { Endpoint } from '../../src/domain/service/revision.ts';
import type { PreviewAddress, PreviewObservation } from '../../src/domain/traffic/preview-address.ts';
import { AS_ROUTER, type Route } from '../../src/domain/traffic/route.ts';
import { InvalidRouteError, StaleGenerationError } from '../../src/routing/router.ts';
import { ask } from './http.ts';
import type { RouterUnderTest } from './router-under-test.ts';
import type { Seen, Upstream } from './upstream.ts';

const WEB = { name: 'web', environment: 'production' };

/** What every router must do that has preview addresses; the others refuse a route with one. */
export function previewContract(name: string, setup: () => Promise<RouterUnderTest>): void {
  describe(`router contract, preview addresses: ${name}`, () => {
    let under: RouterUnderTest;
    let one: Upstream;
    let two: Upstream;

    beforeEach(async () => {
      under = await setup();
      [one, two] = await Promise.all([under.startUpstream('one'), under.startUpstream('two')]);
    });

    afterEach(async () => {
      one.release();
      two.release();
      await Promise.all([one.stop(), two.stop()]);
      await under.dispose();
    });

    /** r1 at the rest, r2 at `weight`. */
    const route = (generation: number, weight: number, preview?: PreviewAddress): Route => ({
      service: WEB,
      generation,
      ...(preview ? { preview } : {}),
      targets: [
        { revision: 1, endpoints: [one.endpoint], weight: 100 - weight },
        { revision: 2, endpoints: [two.endpoint], weight },
      ],
    });

    const LOOKED = { revision: 2 };

    async function write(wanted: Route): Promise<{ address: Endpoint; preview: PreviewObservation }> {
      const { address, preview } = await under.router.apply(wanted);
      assert.ok(preview, 'the service has a preview address');
      return { address, preview };
    }

    async function whom(address: Endpoint, agent?: Agent): Promise<string> {
      const { status, body } = await ask(address, agent ? { agent } : {});
      assert.equal(status, 200, body);
      return (JSON.parse(body) as Seen).upstream;
    }

    async function assertIdle(address: Endpoint, agent?: Agent): Promise<void> {
      const { status, body } = await ask(address, agent ? { agent } : {});
      assert.equal(status, 503, body);
      const { error } = JSON.parse(body) as { error: string };
      assert.match(error, /preview address of web\/production, and no revision waits there/);
    }

    async function openWebSocket({ host, port }: Endpoint): Promise<WebSocket> {
      const socket = new WebSocket(`ws://${host}:${port}/`);
      await once(socket, 'open');
      return socket;
    }

    async function echo(socket: WebSocket): Promise<string> {
      socket.send('hello');
      const [answer] = (await once(socket, 'message')) as [Buffer];
      return answer.toString().split(':')[0] ?? '';
    }

    async function target(revision: number) {
      const found = (await under.router.observe(WEB))?.targets.find((each) => each.revision === revision);
      return found ?? assert.fail(`r${revision} is not listed`);
    }

    /** Otherwise what follows says nothing: such a router refuses the route, which is told below. */
    function itHas(what: string, body: () => Promise<void>): void {
      it(what, async () => {
        if (under.previews ?? true) await body();
      });
    }

    it('are refused by a router that has none', async () => {
      if (under.previews ?? true) return;
      await assert.rejects(under.router.apply(route(1, 0, LOOKED)), (error) => {
        assert.ok(error instanceof InvalidRouteError);
        assert.match(error.message, /preview address/);
        return true;
      });
    });

    itHas('lead to a revision at weight 0, and the service’s own address never does', async () => {
      const { address, preview } = await write(route(1, 0, LOOKED));
      assert.notEqual(preview.address.port, address.port);
      assert.equal(preview.revision, 2);
      for (let index = 0; index < 10; index += 1) {
        assert.equal(await whom(address), 'one');
        assert.equal(await whom(preview.address), 'two');
      }
      assert.deepEqual((await under.router.observe(WEB))?.preview?.address, preview.address);
    });

    itHas('take WebSockets, which outlive the end of the look and hold a drain', async () => {
      const { address, preview } = await write(route(1, 0, LOOKED));
      const looking = await openWebSocket(preview.address);
      const using = await openWebSocket(address);
      assert.deepEqual([await echo(looking), await echo(using)], ['two', 'one']);
      await write(route(2, 0, {}));
      assert.equal(await echo(looking), 'two');
      const { requests, connections } = await under.router.drain(WEB, 2, 200);
      assert.deepEqual({ requests, connections }, { requests: 0, connections: 1 });
      for (const socket of [looking, using]) socket.terminate();
    });

    itHas('answer 503 and why as soon as the revision has traffic, on connections that stand as well', async () => {
      const { address, preview } = await write(route(1, 0, LOOKED));
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      assert.equal(await whom(preview.address, agent), 'two');
      const after = await write(route(2, 100, {}));
      assert.deepEqual(after.preview.address, preview.address);
      assert.equal(after.preview.revision, undefined);
      await assertIdle(preview.address, agent);
      await assert.rejects(openWebSocket(preview.address), /503/);
      assert.equal(await whom(address), 'two');
      agent.destroy();
    });

    itHas('stay where they are through writes that say nothing of them, and lead to nobody then', async () => {
      const { preview } = await write(route(1, 0, LOOKED));
      assert.deepEqual((await write(route(2, 0))).preview.address, preview.address);
      await assertIdle(preview.address);
      assert.deepEqual((await write(route(3, 0, LOOKED))).preview.address, preview.address);
      assert.equal(await whom(preview.address), 'two');
    });

    itHas('are given up by a write that says where clients connect, and nothing of them', async () => {
      const { preview } = await write(route(1, 0, LOOKED));
      const { preview: none } = await under.router.apply({ ...route(2, 0), listen: AS_ROUTER });
      assert.equal(none, undefined);
      await assert.rejects(ask(preview.address), { code: 'ECONNREFUSED' });
    });

    itHas('have the port that is asked for, move with it, and say who has it where it is taken', async () => {
      const { address, preview } = await write(route(1, 0, LOOKED));
      const { port } = preview.address;
      await under.router.apply({ ...route(2, 0), listen: AS_ROUTER });
      const moved = await write(route(3, 0, { ...LOOKED, port }));
      assert.deepEqual([moved.preview.address.port, moved.preview.wantedPort], [port, port]);
      assert.equal(await whom(moved.preview.address), 'two');
      const taken = await write(route(4, 0, { ...LOOKED, port: address.port }));
      assert.equal(taken.preview.address.port, port);
      assert.equal(
        taken.preview.portFault,
        `port ${address.port} is taken by web/production, a service of this router`,
      );
      assert.equal(await whom(taken.preview.address), 'two');
      const api = { ...route(1, 0), service: { name: 'api', environment: 'production' }, port };
      const beside = await under.router.apply(api);
      assert.equal(beside.portFault, `port ${port} is taken by the preview address of web/production`);
    });

    itHas('count for themselves: nothing of them is among what judges the revision', async () => {
      const { address, preview } = await write(route(1, 0, LOOKED));
      for (let index = 0; index < 5; index += 1) await whom(preview.address);
      await whom(address);
      const found = await target(2);
      assert.deepEqual([found.served, found.failed, found.inFlight, found.series?.requests], [0, 0, 0, 0]);
      const looked = (await under.router.observe(WEB))?.preview;
      assert.deepEqual([looked?.served, looked?.failed], [5, 0]);
      await write(route(2, 100, {}));
      assert.equal((await target(2)).served, 0);
      assert.equal(await whom(address), 'two');
      assert.equal((await target(2)).served, 1);
    });

    itHas('lead to a first revision while the service has nobody to give traffic to', async () => {
      const first = { service: WEB, targets: [{ revision: 1, endpoints: [one.endpoint], weight: 0 }] };
      const closed = 'nothing is live yet';
      const { address, preview } = await write({ ...first, generation: 1, closed, preview: { revision: 1 } });
      assert.equal(await whom(preview.address), 'one');
      assert.equal((await ask(address)).status, 503);
    });

    itHas('keep their revision from being drained, and are part of what a write says', async () => {
      await write(route(2, 0, LOOKED));
      await assert.rejects(under.router.drain(WEB, 2, 1_000), InvalidRouteError);
      await assert.rejects(under.router.apply(route(2, 0, {})), /written before with other content/);
      await assert.rejects(under.router.apply(route(1, 0)), StaleGenerationError);
      const { preview } = await write(route(2, 0, LOOKED));
      assert.equal(await whom(preview.address), 'two');
    });

    itHas('are refused with every fault where their revision is none, or has traffic', async () => {
      await write(route(1, 0, LOOKED));
      await assert.rejects(under.router.apply(route(2, 0, { revision: 7 })), /r7, which is not listed/);
      await assert.rejects(under.router.apply(route(2, 10, LOOKED)), /leads to r2, which has weight 10; use 0/);
      assert.equal((await under.router.observe(WEB))?.generation, 1);
    });

    itHas('are free once their service is removed', async () => {
      const { preview } = await write(route(1, 0, LOOKED));
      await under.router.remove(WEB, 2);
      await assert.rejects(ask(preview.address), { code: 'ECONNREFUSED' });
    });
  });
}
