import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rmdir, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Route } from '../../src/domain/traffic/route.ts';
import type { EmbeddedRouter } from '../../src/routing/embedded/client.ts';
import { seal } from '../../src/routing/embedded/sealed-state.ts';
import { InvalidRouteError, RouterUnreachableError, StaleGenerationError } from '../../src/routing/router.ts';
import { ask } from '../contract/http.ts';
import { startUpstream, type Upstream } from '../contract/upstream.ts';
import { kill, RouterHome } from './router-process.ts';

const WEB = { name: 'web', environment: 'production' };
const API = { name: 'api', environment: 'production' };

describe('embedded router process', () => {
  let home: RouterHome;
  let upstream: Upstream;
  let router: EmbeddedRouter;

  beforeEach(async () => {
    [home, upstream] = await Promise.all([RouterHome.make(), startUpstream('one')]);
    router = home.client();
  });

  afterEach(async () => {
    upstream.release();
    await Promise.all([router.close(), upstream.stop(), home.dispose()]);
  });

  const route = (generation: number, more: Partial<Route> = {}): Route => ({
    service: WEB,
    generation,
    targets: [{ revision: 1, endpoints: [upstream.endpoint], weight: 100 }],
    ...more,
  });

  /**
   * A port that something else listens on. Not one of those that systems give out by themselves: once it is free, it has
   * to stay so until the router takes it.
   */
  async function taken(port = randomInt(10_000, 32_000)) {
    const server = createTcpServer();
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return {
      port: (server.address() as AddressInfo).port,
      free: () => once(server.close(), 'close'),
    };
  }

  describe('after kill -9', () => {
    it('comes back with every route, port and generation', async () => {
      const process = await home.start();
      const before = await router.apply(route(7));
      await router.apply(route(3, { service: API }));
      await router.remove(API, 4);
      await kill(process);
      await home.start();
      assert.deepEqual((await router.observe(WEB))?.address, before.address);
      assert.equal((await ask(before.address)).status, 200);
      await assert.rejects(router.apply(route(6)), StaleGenerationError);
      await assert.rejects(router.apply(route(3, { service: API })), StaleGenerationError);
      assert.equal((await router.apply(route(7))).generation, 7);
    });

    it('comes back with what was acknowledged when the write after it was torn', async () => {
      const first = await home.start();
      for (const generation of [1, 2, 3]) await router.apply(route(generation));
      await kill(first);
      await truncate(home.slots[0], 100);
      await home.start();
      assert.equal((await router.observe(WEB))?.generation, 2);
    });

    it('listens again at the address that its service names', async function () {
      if (process.platform !== 'linux') this.skip();
      const first = await home.start();
      const before = await router.apply(route(1, { listen: '127.0.0.2' }));
      await router.apply(route(2));
      await kill(first);
      await home.start();
      assert.deepEqual((await router.observe(WEB))?.address, before.address);
      assert.equal(before.address.host, '127.0.0.2');
      assert.equal((await ask(before.address)).status, 200);
    });

    it('leads to who is looked at, at the same preview address, and to nobody once it does no more', async () => {
      const first = await home.start();
      const looked = (generation: number, preview: Route['preview']): Route => ({
        ...{ service: WEB, generation, closed: 'nothing is live yet', ...(preview ? { preview } : {}) },
        targets: [{ revision: 1, endpoints: [upstream.endpoint], weight: 0 }],
      });
      const { preview: before } = await router.apply(looked(1, { revision: 1 }));
      assert.ok(before);
      await kill(first);
      const second = await home.start();
      const { preview } = (await router.observe(WEB))!;
      assert.deepEqual([preview?.address, preview?.revision], [before.address, 1]);
      assert.equal((await ask(before.address)).status, 200);
      await router.apply(looked(2, undefined));
      await kill(second);
      await home.start();
      const { preview: after } = (await router.observe(WEB))!;
      assert.deepEqual([after?.address, after?.revision], [before.address, undefined]);
      assert.equal((await ask(before.address)).status, 503);
      await assert.rejects(router.apply(looked(1, { revision: 1 })), StaleGenerationError);
    });

    it('takes another port where its own is taken, and keeps that one', async () => {
      const first = await home.start();
      const before = await router.apply(route(1));
      await kill(first);
      const other = await taken(before.address.port);
      const second = await home.start();
      const moved = (await router.observe(WEB))!;
      assert.notEqual(moved.address.port, before.address.port);
      assert.equal((await ask(moved.address)).status, 200);
      await kill(second);
      await other.free();
      await home.start();
      assert.deepEqual((await router.observe(WEB))!.address, moved.address);
    });
  });

  describe('its ports', () => {
    it('are the preferred one where that is free', async () => {
      const { port, free } = await taken();
      await free();
      await home.start();
      assert.equal((await router.apply(route(1, { port }))).address.port, port);
    });

    /** This process holds the taken ports; elsewhere than on Linux nobody can say so. */
    const me = process.platform === 'linux' ? `.*, process ${process.pid}` : 'another program';

    it('that another service of the router has are said to be its', async () => {
      await home.start();
      const { address } = await router.apply(route(1));
      const { portFault } = await router.apply(route(1, { service: API, port: address.port }));
      assert.match(portFault ?? '', /^port \d+ is taken by web\/\S+, a service of this router$/);
    });

    it('are a free one where the preferred one is taken', async () => {
      const other = await taken();
      await home.start();
      const { address } = await router.apply(route(1, { port: other.port }));
      assert.notEqual(address.port, other.port);
      assert.equal((await ask(address)).status, 200);
      await other.free();
    });

    it('move with a later write, while what is under way goes on at the one before', async () => {
      const { port, free } = await taken();
      await free();
      await home.start();
      const first = await router.apply(route(1));
      const held = ask(first.address, { path: '/hold' });
      await upstream.held(1);
      const later = await router.apply(route(2, { port }));
      assert.deepEqual([later.address.port, later.wantedPort, later.portFault], [port, port, undefined]);
      assert.equal((await ask(later.address)).status, 200);
      await assert.rejects(ask(first.address), { code: 'ECONNREFUSED' });
      upstream.release();
      assert.equal((await held).status, 200);
      assert.deepEqual((await router.apply(route(3))).address, later.address);
    });

    it('say why the wanted one is not had, and go back to it without closing the other', async () => {
      const other = await taken();
      await home.start();
      const { address, wantedPort, portFault } = await router.apply(route(1, { port: other.port }));
      assert.notEqual(address.port, other.port);
      assert.equal(wantedPort, other.port);
      assert.match(portFault ?? '', new RegExp(`^port ${other.port} is taken by ${me}$`));
      await other.free();
      while ((await router.observe(WEB))!.address.port !== other.port) await delay(50);
      const back = (await router.observe(WEB))!;
      assert.equal(back.portFault, undefined);
      for (const each of [back.address, address]) assert.equal((await ask(each)).status, 200);
    });

    it('are refused where only the wanted one will do', async () => {
      const other = await taken();
      await home.start();
      await assert.rejects(
        router.apply(route(1, { port: other.port, strictPort: true })),
        new RegExp(`port ${other.port} is taken by ${me}, and no other will do`),
      );
      assert.equal(await router.observe(WEB), undefined);
      await other.free();
    });
  });

  it('changes nothing when the disk refuses, and recovers', async () => {
    await home.start();
    const { address } = await router.apply(route(1));
    const slot = join(home.data, 'router.1.json');
    await mkdir(`${slot}.tmp`);
    await assert.rejects(router.apply(route(2, { targets: [] })), /router\.1\.json cannot be written: EISDIR/);
    await assert.rejects(router.apply(route(1, { service: API })), /cannot be written/);
    assert.equal((await router.observe(WEB))?.generation, 1);
    assert.equal(await router.observe(API), undefined);
    assert.equal((await ask(address)).status, 200);
    await rmdir(`${slot}.tmp`);
    assert.equal((await router.apply(route(2))).generation, 2);
  });

  it('writes again what was deleted meanwhile', async () => {
    const process = await home.start();
    for (const generation of [1, 2]) await router.apply(route(generation));
    await Promise.all(home.slots.map((slot) => unlink(slot)));
    await router.apply(route(3));
    await kill(process);
    await home.start();
    assert.equal((await router.observe(WEB))?.generation, 3);
  });

  it('goes on when whoever started it stops listening to it', async () => {
    const process = await home.start();
    process.stdout!.destroy();
    process.stderr!.destroy();
    const { address } = await router.apply(route(1));
    assert.equal((await ask(address)).status, 200);
  });

  it('writes one after the other what arrives at once', async () => {
    const process = await home.start();
    const services = Array.from({ length: 20 }, (_, index) => ({ name: `s${index}`, environment: 'production' }));
    const written = await Promise.all(services.map((service) => router.apply(route(1, { service }))));
    assert.equal(new Set(written.map(({ address }) => address.port)).size, 20);
    await kill(process);
    await home.start();
    assert.deepEqual(
      (await router.observeAll()).map(({ address }) => address),
      written.map(({ address }) => address),
    );
  });

  describe('does not start', () => {
    it('beside a live one on the same socket, which goes on', async () => {
      await home.start();
      const { address } = await router.apply(route(1));
      const { code, errors } = await home.startAndEnd();
      assert.equal(code, 1);
      assert.match(errors, /a router is running and listens on .*router\.sock: stop it first, or use another --socket/);
      assert.equal((await ask(address)).status, 200);
      assert.equal((await router.observe(WEB))?.generation, 1);
    });

    it('on a state it cannot read, and says what to do', async () => {
      const saved = { port: 0, route: { service: { name: 'Web' }, generation: 1, targets: [] } };
      const whole = seal({ sequence: 1, content: { format: 'supplant-router/1', routes: [saved], removed: [] } });
      const contents = ['{"format":', '{}', whole.replace('Web', 'web'), seal({ sequence: 1, content: {} }), whole];
      const reasons = [
        /router\.0\.json is damaged: not JSON.*router\.1\.json is damaged: not JSON/,
        /sequence or content is missing/,
        /its checksum does not hold/,
        /format is undefined/,
        /routes\[0\]\.port: .*found 0; routes\[0\]\.route\.service\.name: .*found 'Web'; routes\[0\]\.route\.service\.environment: .*nothing/,
      ];
      for (const [index, content] of contents.entries()) {
        await Promise.all(home.slots.map((slot) => writeFile(slot, content)));
        const { code, errors } = await home.startAndEnd();
        assert.equal(code, 1);
        assert.match(errors, reasons[index]!);
        assert.match(errors, /router\.0\.json and router\.1\.json .*Put back a good copy, or delete both files/);
      }
    });

    it('without its options, and names all that is wrong', async () => {
      const { code, errors } = await home.startAndEnd(['--data=', '--socket=', '--grace-ms=soon']);
      assert.equal(code, 1);
      assert.match(errors, /--data is missing; --socket is missing; --grace-ms must be a whole number/);
      assert.match(errors, /usage:/);
    });
  });

  describe('admin socket', () => {
    async function tell(method: string, path: string, body?: string): Promise<{ status: number; body: string }> {
      const request = httpRequest({ socketPath: home.socketPath, method, path, agent: false });
      request.end(body);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return { status: response.statusCode!, body: await text(response) };
    }

    it('is for its user alone', async () => {
      await home.start();
      assert.equal((await stat(home.socketPath)).mode & 0o777, 0o600);
      assert.equal((await stat(join(home.data))).mode & 0o077, 0);
    });

    it('names every fault of what it is sent', async () => {
      await home.start();
      const endpoints = [{ host: 'http://x', port: 70_000 }, 7];
      const broken = {
        service: { name: 'Web', environment: 3 },
        generation: '1',
        port: 0,
        targets: [{ revision: 0, weight: null, endpoints }, 'r2'],
      };
      const { status, body } = await tell('PUT', '/routes', JSON.stringify(broken));
      assert.equal(status, 422);
      const { message } = (JSON.parse(body) as { error: { message: string } }).error;
      for (const path of [
        "service.name: expected lower-case letters, digits and hyphens, a letter first, at most 40, found 'Web'",
        'service.environment: expected lower-case letters',
        "generation: expected a number, found '1'",
        'port: expected a whole number from 1 to 65535, found 0',
        'targets[0].revision: expected a whole number from 1',
        'targets[0].weight: expected a number, found nothing',
        'targets[0].endpoints[0].host: expected a host name',
        'targets[0].endpoints[0].port: expected a whole number from 1 to 65535, found 70000',
        'targets[0].endpoints[1]: expected a mapping, found 7',
        "targets[1]: expected a mapping, found 'r2'",
      ]) {
        assert.ok(message.includes(`route.${path}`), `${path} in ${message}`);
      }
    });

    it('refuses what it does not know', async () => {
      await home.start();
      assert.equal((await tell('PUT', '/routes', '{"service":')).status, 400);
      assert.equal((await tell('PUT', '/routes', ' '.repeat(1024 * 1024 + 1))).status, 413);
      assert.equal((await tell('GET', '/elsewhere')).status, 404);
      assert.equal((await tell('PATCH', '/routes')).status, 404);
      assert.equal((await tell('GET', '/routes/Web/x')).status, 422);
      assert.equal((await tell('DELETE', '/routes/web/production')).status, 422);
      assert.equal((await tell('DELETE', '/routes/web/production?generation=x')).status, 422);
      assert.equal((await tell('POST', '/routes/web/production/drain', '{"revision":"r1"}')).status, 422);
    });

    it('answers health and all routes', async () => {
      const process = await home.start();
      await router.apply(route(1));
      await router.apply(route(1, { service: API }));
      assert.deepEqual(JSON.parse((await tell('GET', '/health')).body), { pid: process.pid });
      assert.deepEqual(
        (await router.observeAll()).map(({ service }) => service.name),
        ['web', 'api'],
      );
    });

    it('refuses to drain a revision that takes requests', async () => {
      await home.start();
      await router.apply(route(1));
      await assert.rejects(router.drain(WEB, 1, 1000), InvalidRouteError);
    });
  });

  describe('its client', () => {
    it('says so when there is no router', async () => {
      await assert.rejects(router.observe(WEB), RouterUnreachableError);
      await assert.rejects(router.apply(route(1)), RouterUnreachableError);
    });

    it('finds the router again that came back', async () => {
      const process = await home.start();
      await router.apply(route(1));
      await kill(process);
      await assert.rejects(router.observe(WEB), RouterUnreachableError);
      await home.start();
      assert.equal((await router.observe(WEB))?.generation, 1);
    });

    it('says so when the router dies during a call', async () => {
      const process = await home.start();
      const { address } = await router.apply(route(1));
      const held = ask(address, { path: '/hold' }).catch(() => undefined);
      await upstream.held(1);
      await router.apply({ ...route(2), targets: [] });
      const drained = router.drain(WEB, 1, 30_000);
      const refused = assert.rejects(drained, RouterUnreachableError);
      await kill(process);
      await refused;
      await held;
    });
  });

  describe('on a signal', () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`${signal} finishes what is in flight, takes nothing new, and ends with 0`, async () => {
        const process = await home.start();
        const { address } = await router.apply(route(1));
        const held = ask(address, { path: '/hold' });
        await upstream.held(1);
        const ended = kill(process, signal);
        await refusesConnections(address.port);
        process.kill(signal);
        upstream.release();
        assert.equal((await held).body, 'one begins, one ends');
        assert.equal(await ended, 0);
      });
    }

    it('cuts what is left when the time is up, and ends with 0', async () => {
      const process = await home.start(['--grace-ms', '20']);
      const { address } = await router.apply(route(1));
      const cut = assert.rejects(ask(address, { path: '/hold' }));
      await upstream.held(1);
      assert.equal(await kill(process, 'SIGTERM'), 0);
      await cut;
    });

    it('starts again with its routes', async () => {
      const process = await home.start();
      const { address } = await router.apply(route(1));
      await kill(process, 'SIGTERM');
      await assert.rejects(stat(home.socketPath), { code: 'ENOENT' });
      await home.start();
      assert.deepEqual((await router.observe(WEB))?.address, address);
    });
  });
});

async function refusesConnections(port: number): Promise<void> {
  for (;;) {
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (free) {
      await once(probe.close(), 'close');
      return;
    }
  }
}
