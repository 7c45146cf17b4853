import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import WebSocket from 'ws';
import type { Endpoint } from '../../src/domain/service/revision.ts';
import { AS_ROUTER, type DrainObservation, type Route } from '../../src/domain/traffic/route.ts';
import type { ServiceKey } from '../../src/domain/service/service.ts';
import { InvalidRouteError, type Router, StaleGenerationError } from '../../src/routing/router.ts';
import { type Answer, ask, load } from './http.ts';
import { baselineContract } from './router-baseline.ts';
import { cohortContract } from './router-cohort.ts';
import { previewContract } from './router-preview.ts';
import type { RouterUnderTest } from './router-under-test.ts';
import type { Seen, Upstream } from './upstream.ts';

const WEB: ServiceKey = { name: 'web', environment: 'production' };

const NOTHING = { requests: 0, connections: 0 };

const left = ({ requests, connections }: DrainObservation) => ({ requests, connections });

/** What every router must do, whatever it is made of. */
export function routerContract(name: string, setup: () => Promise<RouterUnderTest>): void {
  describe(`router contract: ${name}`, () => {
    let under: RouterUnderTest;
    let router: Router;
    let one: Upstream;
    let two: Upstream;

    beforeEach(async () => {
      under = await setup();
      router = settled(under);
      [one, two] = await Promise.all([under.startUpstream('one'), under.startUpstream('two')]);
    });

    afterEach(async () => {
      one.release();
      two.release();
      await Promise.all([one.stop(), two.stop()]);
      await under.dispose();
    });

    const counts = () => under.counts ?? true;
    const keep = (endpoint: Endpoint): Endpoint => under.keeps?.(endpoint) ?? endpoint;
    const join = async (...upstreams: Upstream[]): Promise<Endpoint[]> =>
      under.join?.(upstreams) ?? upstreams.map(({ endpoint }) => endpoint);

    /** What a drain that ended in time found: nothing, or that nobody counts. */
    function assertDrained(found: DrainObservation): void {
      assert.deepEqual(left(found), NOTHING);
      assert.equal(found.isUncounted ?? false, !counts());
    }

    /** r1 at the rest, r2 at `weight`. */
    const split = (generation: number, weight: number): Route => ({
      service: WEB,
      generation,
      targets: [
        { revision: 1, endpoints: [one.endpoint], weight: 100 - weight },
        { revision: 2, endpoints: [two.endpoint], weight },
      ],
    });

    const upstreamOf = ({ status, body }: Answer): string => {
      assert.equal(status, 200, body);
      return (JSON.parse(body) as Seen).upstream;
    };

    async function shares(address: Endpoint, requests: number): Promise<Record<string, number>> {
      const counts: Record<string, number> = { one: 0, two: 0 };
      for (let index = 0; index < requests; index += 1) {
        const upstream = upstreamOf(await ask(address));
        counts[upstream] = (counts[upstream] ?? 0) + 1;
      }
      return counts;
    }

    async function target(revision: number) {
      const observation = await router.observe(WEB);
      const found = observation?.targets.find((candidate) => candidate.revision === revision);
      assert.ok(found, `r${revision} is observed`);
      return found;
    }

    async function openWebSocket(address: Endpoint): Promise<WebSocket> {
      const socket = new WebSocket(`ws://${address.host}:${address.port}/`);
      await once(socket, 'open');
      return socket;
    }

    async function echo(socket: WebSocket, message: string): Promise<string> {
      socket.send(message);
      const [answer] = (await once(socket, 'message')) as [Buffer];
      return answer.toString();
    }

    describe('apply', () => {
      it('makes new requests follow the route, and says what it does', async () => {
        const applied = await router.apply(split(1, 0));
        assert.equal(upstreamOf(await ask(applied.address)), 'one');
        const moved = await router.apply(split(2, 100));
        assert.deepEqual(moved.address, applied.address);
        assert.equal(moved.generation, 2);
        assert.deepEqual(
          moved.targets.map(({ revision, weight, endpoints }) => ({ revision, weight, endpoints })),
          [
            { revision: 1, weight: 0, endpoints: [keep(one.endpoint)] },
            { revision: 2, weight: 100, endpoints: [keep(two.endpoint)] },
          ],
        );
        for (let index = 0; index < 20; index += 1) assert.equal(upstreamOf(await ask(applied.address)), 'two');
      });

      it('splits by weight', async () => {
        const { address } = await router.apply(split(1, 10));
        const counts = await shares(address, 200);
        assert.ok(Math.abs(counts.two! - 20) <= 2 * under.tolerance, JSON.stringify(counts));
      });

      it('gives a share of one percent one request of a hundred, from the first hundred after a change on', async () => {
        // By chance, a hundred requests say nothing about one.
        if (under.tolerance > 0) return;
        const { address } = await router.apply(split(1, 0));
        for (const [index, weight] of [1, 50, 1, 99, 0, 1].entries()) {
          await router.apply(split(index + 2, weight));
          const counts = await shares(address, 100);
          assert.equal(counts.two, weight, `${JSON.stringify(counts)} at ${weight} %`);
        }
      });

      it('takes the endpoints of a revision in turn', async () => {
        const both = { revision: 1, endpoints: await join(one, two), weight: 100 };
        const { address } = await router.apply({ service: WEB, generation: 1, targets: [both] });
        const counts = await shares(address, 20);
        assert.ok(Math.abs(counts.one! - 10) <= under.tolerance, JSON.stringify(counts));
      });

      it('says of endpoints what it was told, whether or not it makes use of that', async () => {
        const attributes = { ...one.endpoint.attributes, zone: 'a' };
        const endpoint = { ...one.endpoint, id: 'first', weight: 3, attributes };
        const targets = [{ revision: 1, endpoints: [endpoint], weight: 100 }];
        const { address } = await router.apply({ service: WEB, generation: 1, targets });
        assert.deepEqual((await target(1)).endpoints, [keep(endpoint)]);
        await router.apply({ service: WEB, generation: 1, targets });
        assert.equal(upstreamOf(await ask(address)), 'one');
      });

      it('takes the same write again', async () => {
        const first = await router.apply(split(3, 30));
        const again = await router.apply(split(3, 30));
        assert.deepEqual(again.address, first.address);
        assert.equal(again.generation, 3);
      });

      it('refuses a writer that was overtaken, and changes nothing', async () => {
        const { address } = await router.apply(split(5, 0));
        await assert.rejects(router.apply(split(4, 100)), StaleGenerationError);
        await assert.rejects(router.apply(split(5, 100)), StaleGenerationError);
        assert.equal((await router.observe(WEB))?.generation, 5);
        assert.equal(upstreamOf(await ask(address)), 'one');
      });

      it('names every fault of an invalid route, and changes nothing', async () => {
        await router.apply(split(1, 0));
        const route: Route = {
          service: WEB,
          generation: 2,
          targets: [
            { revision: 1, endpoints: [], weight: 50 },
            { revision: 1, endpoints: [one.endpoint], weight: 20.5 },
          ],
        };
        await assert.rejects(router.apply(route), (error) => {
          assert.ok(error instanceof InvalidRouteError);
          for (const fault of [/sum to 70.5/, /r1 is listed twice/, /20.5; use a whole number/, /no endpoint/]) {
            assert.match(error.message, fault);
          }
          return true;
        });
        assert.equal((await router.observe(WEB))?.generation, 1);
      });

      it('keeps services apart', async () => {
        const api = { name: 'api', environment: 'production' };
        const web = await router.apply(split(1, 0));
        const other = await router.apply({ ...split(1, 100), service: api });
        assert.notDeepEqual(other.address, web.address);
        assert.equal(upstreamOf(await ask(web.address)), 'one');
        assert.equal(upstreamOf(await ask(other.address)), 'two');
        await router.remove(WEB, 2);
        assert.equal(upstreamOf(await ask(other.address)), 'two');
      });

      it('loses no request while weights change under load', async () => {
        const { address } = await router.apply(split(1, 0));
        const clients = load(address, 8);
        const last = under.shifts ?? 60;
        for (let generation = 2; generation <= last; generation += 1) {
          await router.apply(split(generation, (generation * 37) % 101));
        }
        const { total, failures } = await clients.stop();
        assert.deepEqual(failures, []);
        assert.ok(total > 0);
        if (!counts()) return;
        const { targets } = (await router.observe(WEB))!;
        assert.equal(
          targets.reduce((sum, { served = 0 }) => sum + served, 0),
          total,
        );
        assert.equal(
          targets.reduce((sum, { failed = 0 }) => sum + failed, 0),
          0,
        );
      });
    });

    describe('the address that a service names', () => {
      const at = async (host: string, port: number): Promise<string> =>
        ask({ host, port }).then(
          upstreamOf,
          (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error),
        );

      beforeEach(function () {
        // Only there any address that begins with 127 is one of the machine's.
        if (under.listens === false || process.platform !== 'linux') this.skip();
      });

      it('is where its clients connect, and nobody else', async () => {
        const { address, listen } = await router.apply({ ...split(1, 0), listen: '127.0.0.2' });
        assert.deepEqual([address.host, listen], ['127.0.0.2', '127.0.0.2']);
        assert.equal(await at('127.0.0.2', address.port), 'one');
        assert.equal(await at('127.0.0.1', address.port), 'ECONNREFUSED');
        // What says nothing of it leaves it.
        assert.deepEqual((await router.apply(split(2, 100))).address, address);
        const back = await router.apply({ ...split(3, 100), listen: AS_ROUTER });
        assert.deepEqual([back.address.host, back.address.port], ['127.0.0.1', address.port]);
        assert.equal(await at('127.0.0.2', address.port), 'ECONNREFUSED');
      });

      it('changes without a request lost, with the port that clients know', async () => {
        const { address } = await router.apply(split(1, 0));
        const clients = load(address, 4);
        const held = ask(address, { path: '/hold' });
        await one.held(1);
        const wide = await router.apply({ ...split(2, 0), listen: '0.0.0.0' });
        assert.deepEqual([wide.address, wide.listen, wide.portFault], [address, '0.0.0.0', undefined]);
        assert.equal(await at('127.0.0.3', address.port), 'one');
        await router.apply({ ...split(3, 0), listen: '127.0.0.1' });
        assert.equal(await at('127.0.0.3', address.port), 'ECONNREFUSED');
        const { total, failures } = await clients.stop();
        assert.deepEqual(failures, []);
        assert.ok(total > 0);
        one.release();
        assert.equal((await held).body, 'one begins, one ends');
      });

      it('that the machine does not have is told, and lets nobody else in', async () => {
        const wanted = { listen: '192.0.2.1' };
        const { address, listen, portFault } = await router.apply({ ...split(1, 0), ...wanted });
        assert.equal(portFault, "192.0.2.1 is no address of the router's machine");
        assert.equal(listen, '127.0.0.1');
        assert.equal(await at('127.0.0.1', address.port), 'one');
        const later = await router.apply({ ...split(2, 0), port: address.port, listen: '127.0.0.1' });
        assert.deepEqual([later.address, later.portFault], [address, undefined]);
        // What is live stays where it is, unless that is refused.
        const stays = await router.apply({ ...split(3, 0), ...wanted });
        assert.deepEqual([stays.address, stays.portFault], [address, portFault]);
        const strict = { ...split(4, 0), ...wanted, strictPort: true };
        await assert.rejects(router.apply(strict), /192\.0\.2\.1 is no address .*, and no other will do/);
      });
    });

    describe('open connections', () => {
      it('of every kind go on over any number of random changes, and lose nothing', async () => {
        const { address } = await router.apply(split(1, 50));
        const socket = await openWebSocket(address);
        const served = await echo(socket, 'hello');
        const held = ask(address, { path: '/hold' });
        await Promise.race([one.held(1), two.held(1)]);
        const clients = load(address, 4);
        const slow = load(address, 2, { pauseMs: 20 });
        const weights = fc.sample(fc.integer({ min: 0, max: 100 }), under.shifts ?? 200);
        for (const [index, weight] of weights.entries()) await router.apply(split(index + 2, weight));
        assert.deepEqual([(await clients.stop()).failures, (await slow.stop()).failures], [[], []]);
        assert.equal(await echo(socket, 'hello'), served);
        one.release();
        two.release();
        assert.match((await held).body, /^(one|two) begins, \1 ends$/);
        socket.terminate();
      });

      it('are left alone by a change of weights', async () => {
        const { address } = await router.apply(split(1, 0));
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const socket = await openWebSocket(address);
        try {
          const before = await ask(address, { agent });
          const held = ask(address, { path: '/hold' });
          await one.held(1);
          await router.apply(split(2, 100));
          const after = await ask(address, { agent });
          assert.equal(after.localPort, before.localPort);
          assert.equal(upstreamOf(after), 'two');
          assert.equal(await echo(socket, 'still there'), 'one: still there');
          one.release();
          assert.equal((await held).body, 'one begins, one ends');
        } finally {
          agent.destroy();
          socket.terminate();
        }
      });

      it('are left alone when their revision leaves the route', async () => {
        const { address } = await router.apply(split(1, 0));
        const socket = await openWebSocket(address);
        const held = ask(address, { path: '/hold' });
        await one.held(1);
        await router.apply({
          service: WEB,
          generation: 2,
          targets: [{ revision: 2, endpoints: [two.endpoint], weight: 100 }],
        });
        assert.equal(await echo(socket, 'hello'), 'one: hello');
        one.release();
        assert.equal((await held).body, 'one begins, one ends');
        socket.terminate();
      });

      it('of WebSocket clients carry messages both ways and count as in flight', async () => {
        const { address } = await router.apply(split(1, 100));
        const socket = await openWebSocket(address);
        assert.equal(await echo(socket, 'a'), 'two: a');
        assert.equal((await target(2)).inFlight, counts() ? 1 : undefined);
        await router.apply(split(2, 0));
        const drained = router.drain(WEB, 2, 30_000);
        socket.close();
        assertDrained(await drained);
        assert.equal((await target(2)).inFlight, counts() ? 0 : undefined);
      });
    });

    describe('drain', () => {
      it('returns at once when nothing is in flight, or where nobody counts, once nothing can be', async () => {
        await router.apply(split(1, 0));
        const drained = await router.drain(WEB, 2, 30_000);
        assertDrained(drained);
        if (!counts()) assert.ok(drained.afterMs >= (under.drainMs ?? 0), `${drained.afterMs} ms`);
      });

      it('is refused to what has traffic', async () => {
        await router.apply(split(1, 50));
        await assert.rejects(router.drain(WEB, 2, 30_000), InvalidRouteError);
      });

      it('waits for what is in flight', async () => {
        const { address } = await router.apply(split(1, 0));
        const held = ask(address, { path: '/hold' });
        await one.held(1);
        await router.apply(split(2, 100));
        const order: string[] = [];
        const drained = router.drain(WEB, 1, 30_000).then((left) => {
          order.push('drained');
          return left;
        });
        if (counts()) assert.equal((await target(1)).inFlight, 1);
        order.push('released');
        one.release();
        await held;
        assertDrained(await drained);
        assert.deepEqual(order, ['released', 'drained']);
      });

      it('says how much was left at its deadline', async () => {
        const { address } = await router.apply(split(1, 0));
        const held = [ask(address, { path: '/hold' }), ask(address, { path: '/hold' })];
        const socket = await openWebSocket(address);
        await one.held(2);
        await router.apply(split(2, 100));
        const drained = await router.drain(WEB, 1, 50);
        assert.deepEqual(left(drained), counts() ? { requests: 2, connections: 1 } : NOTHING);
        assert.equal(drained.isUncounted ?? false, !counts());
        assert.ok(drained.afterMs >= 50, `${drained.afterMs} ms`);
        one.release();
        socket.terminate();
        await Promise.all(held);
      });

      it('can be given up', async () => {
        const { address } = await router.apply(split(1, 0));
        const held = ask(address, { path: '/hold' });
        await one.held(1);
        await router.apply(split(2, 100));
        const given = new AbortController();
        const drained = router.drain(WEB, 1, 30_000, given.signal);
        const reason = new Error('given up');
        given.abort(reason);
        await assert.rejects(drained, (error) => error === reason);
        one.release();
        await held;
      });
    });

    describe('a closed route', () => {
      const closed = (generation: number, weight = 0): Route => ({
        service: WEB,
        generation,
        closed: 'web is being removed',
        targets: [{ revision: 1, endpoints: [one.endpoint], weight }],
      });

      it('lets what is in flight finish, answers what is new with its reason, and can be opened again', async () => {
        const { address } = await router.apply(split(1, 0));
        const held = ask(address, { path: '/hold' });
        const socket = await openWebSocket(address);
        await one.held(1);
        const observed = await router.apply(closed(2));
        assert.equal(observed.closed, 'web is being removed');
        const refused = await ask(address);
        assert.equal(refused.status, 503);
        assert.match(refused.body, /web is being removed/);
        const upgrade = new WebSocket(`ws://${address.host}:${address.port}/`);
        const [error] = (await once(upgrade, 'error')) as [Error];
        assert.match(error.message, /503/);
        assert.equal(await echo(socket, 'still there'), 'one: still there');
        one.release();
        assert.equal((await held).body, 'one begins, one ends');
        socket.close();
        assertDrained(await router.drain(WEB, 1, 30_000));
        await router.apply(split(3, 0));
        assert.equal(upstreamOf(await ask(address)), 'one');
      });

      it('has no weights, and is not the same write as an open one', async () => {
        await assert.rejects(router.apply(closed(1, 100)), /sum to 100, not 0/);
        await router.apply(closed(1));
        await assert.rejects(router.apply({ ...closed(1), closed: 'for another reason' }), StaleGenerationError);
        await router.apply(closed(1));
      });

      it('still lets what is in flight finish once it is removed, and knows of it', async () => {
        const { address } = await router.apply(split(1, 0));
        const held = ask(address, { path: '/hold' });
        await one.held(1);
        await router.remove(WEB, 2);
        assert.equal((await router.drain(WEB, 1, 20)).requests, counts() ? 1 : 0);
        one.release();
        assert.equal((await held).body, 'one begins, one ends');
        // Where nobody counts, all the time that is given is taken.
        assertDrained(await router.drain(WEB, 1, counts() ? 30_000 : 20));
      });
    });

    describe('observe', () => {
      it('knows nothing of a service without a route', async () => {
        assert.equal(await router.observe(WEB), undefined);
      });

      it('counts what was served and what the service did not answer', async () => {
        const { address } = await router.apply(split(1, 0));
        await ask(address);
        await one.stop();
        const answer = await ask(address);
        assert.ok(answer.status === 502 || answer.status === 503, `${answer.status} ${answer.body}`);
        // A client may see the end of its answer before the router has counted it.
        while (((await target(1)).inFlight ?? 0) > 0);
        const { served, failed } = await target(1);
        assert.deepEqual([served, failed], counts() ? [2, 1] : [undefined, undefined]);
      });

      it('counts the errors of each revision, whoever answers with them', async () => {
        const { address } = await router.apply(split(1, 50));
        for (const path of ['/', '/', '/fail', '/fail', '/fail', '/fail']) await ask(address, { path });
        await two.stop();
        for (let times = 0; times < 4; times += 1) await ask(address);
        const counted = async () => {
          const { targets } = (await router.observe(WEB))!;
          return targets.map(({ series }) => series && [series.requests, series.errors]);
        };
        const wanted = counts()
          ? [
              [5, 2],
              [5, 4],
            ]
          : [undefined, undefined];
        // A client may see the end of its answer before the router has counted it.
        while (!isDeepStrictEqual(await counted(), wanted) && ((await target(1)).inFlight ?? 0) > 0);
        assert.deepEqual(await counted(), wanted);
      });
    });

    describe('remove', () => {
      it('forgets the service, and lets nobody in any more', async () => {
        const { address } = await router.apply(split(1, 0));
        await router.remove(WEB, 2);
        assert.equal(await router.observe(WEB), undefined);
        if (under.whenRemoved === 503) assert.equal((await ask(address)).status, 503);
        else await assert.rejects(ask(address), { code: 'ECONNREFUSED' });
      });

      it('can be repeated, also where there never was a route', async () => {
        await router.remove(WEB, 1);
        await router.apply(split(2, 0));
        await router.remove(WEB, 3);
        await router.remove(WEB, 3);
        assert.equal(await router.observe(WEB), undefined);
      });

      it('refuses a writer that was overtaken, before and after', async () => {
        await router.apply(split(5, 0));
        await assert.rejects(router.remove(WEB, 4), StaleGenerationError);
        assert.equal((await router.observe(WEB))?.generation, 5);
        await router.remove(WEB, 6);
        await assert.rejects(router.apply(split(5, 0)), StaleGenerationError);
        await assert.rejects(router.apply(split(6, 0)), StaleGenerationError);
        await assert.rejects(router.remove(WEB, 5), StaleGenerationError);
        assert.equal(await router.observe(WEB), undefined);
      });

      it('gives way to a later route', async () => {
        await router.apply(split(1, 0));
        await router.remove(WEB, 2);
        const { address } = await router.apply(split(3, 100));
        assert.equal(upstreamOf(await ask(address)), 'two');
      });
    });

    describe('a request', () => {
      it('reaches the service as it was, and says where it came from', async () => {
        const { address } = await router.apply(split(1, 0));
        const answer = await ask(address, { path: '/a%20b?c=d', headers: { host: 'shop.example', 'x-mine': 'yes' } });
        const { url, headers } = JSON.parse(answer.body) as Seen;
        assert.equal(url, '/a%20b?c=d');
        assert.equal(headers['x-mine'], 'yes');
        assert.equal(headers['x-forwarded-proto'], 'http');
        assert.match(headers['x-forwarded-for']!, /127\.0\.0\.1/);
      });

      it('takes its body there and back', async () => {
        const { address } = await router.apply(split(1, 0));
        const body = 'ä'.repeat(100_000);
        assert.equal((await ask(address, { method: 'POST', path: '/echo', body })).body, body);
      });

      it('gets 503 while no revision takes traffic', async () => {
        const { address } = await router.apply({ service: WEB, generation: 1, targets: [] });
        assert.equal((await ask(address)).status, 503);
      });
    });
  });

  cohortContract(name, setup);
  previewContract(name, setup);
  baselineContract(name, setup);
}

/** The router as a rollout uses it: after each write it waits until new requests follow. */
function settled({ router, settle }: RouterUnderTest): Router {
  if (!settle) return router;
  return {
    apply: async (route, accepting) => {
      const observed = await router.apply(route, accepting);
      await settle();
      return observed;
    },
    remove: async (service, generation, accepting) => {
      await router.remove(service, generation, accepting);
      await settle();
    },
    observe: (service) => router.observe(service),
    drain: (...given) => router.drain(...given),
  };
}
