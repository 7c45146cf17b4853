import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, it } from 'mocha';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import { type RequestSeries, estimatePercentile } from '../../../src/domain/traffic/request-series.ts';
import type { HaproxyRouter } from '../../../src/routing/haproxy/client.ts';
import { ask } from '../../contract/http.ts';
import { HaproxyHome, describeWithHaproxy } from './home.ts';

const WEB = { name: 'web', environment: 'production' };

describeWithHaproxy('the series that HAProxy counts', () => {
  let home: HaproxyHome;
  let router: HaproxyRouter;
  let server: Server;
  let hanging: (() => void)[];
  let asked: (() => void) | undefined;

  beforeEach(async () => {
    home = await HaproxyHome.make();
    router = home.client();
    hanging = [];
    server = createServer((request, response) => {
      const [, what] = (request.url ?? '').split('/');
      if (what === 'hang') {
        hanging.push(() => response.end());
        asked?.();
      } else if (what === 'late') setTimeout(() => response.end(), 400);
      else response.writeHead(Number(what)).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await home.start();
  });
  afterEach(async () => {
    server.close();
    server.closeAllConnections();
    await router.close();
    await home.dispose();
  });

  async function route(port = (server.address() as AddressInfo).port, generation = 1): Promise<Endpoint> {
    const targets = [{ revision: 1, endpoints: [{ host: '127.0.0.1', port }], weight: 100 }];
    return (await router.apply({ service: WEB, generation, targets })).address;
  }

  /** Once that many requests are counted. */
  async function counted(requests: number): Promise<RequestSeries> {
    for (;;) {
      const { series } = (await router.observe(WEB))!.targets[0]!;
      if ((series?.requests ?? 0) >= requests) return series!;
    }
  }

  const totalOf = ({ latency }: RequestSeries): number => latency!.counts.reduce((sum, count) => sum + count, 0);

  it('has how long each answer took to begin, its own among them', async () => {
    const address = await route();
    for (const path of ['/200', '/404', '/500', '/late', '/late', '/late']) await ask(address, { path });
    const series = await counted(6);
    assert.deepEqual([series.requests, series.errors, totalOf(series)], [6, 1, 6]);
    assert.ok(estimatePercentile(series.latency!, 99)! >= 300);
    server.close();
    server.closeAllConnections();
    assert.equal((await ask(address, { path: '/200' })).status, 503);
    const later = await counted(7);
    assert.deepEqual([later.errors, totalOf(later)], [2, 7]);
  });

  it('has what a client waited for in vain, with all the time that its answer took', async () => {
    const address = await route();
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const client = connect(address.port, address.host);
    client.write('GET /hang HTTP/1.1\r\nHost: web\r\n\r\n');
    await isAsked;
    client.destroy();
    for (const end of hanging) end();
    const series = await counted(1);
    assert.deepEqual([series.requests, totalOf(series)], [1, 1]);
  });

  it('begins with the revision, also where it has the place of another one', async () => {
    const address = await route();
    for (let index = 0; index < 5; index += 1) await ask(address, { path: '/200' });
    assert.equal(totalOf(await counted(5)), 5);
    const { port } = server.address() as AddressInfo;
    const targets = [{ revision: 2, endpoints: [{ host: '127.0.0.1', port }], weight: 100 }];
    await router.apply({ service: WEB, generation: 2, targets });
    assert.equal(totalOf((await router.observe(WEB))!.targets[0]!.series!), 0);
    await ask(address, { path: '/200' });
    assert.equal(totalOf(await counted(1)), 1);
  });
});
