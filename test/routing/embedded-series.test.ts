import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type RequestListener, type Server, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import WebSocket, { WebSocketServer } from 'ws';
import type { Endpoint } from '../../src/domain/service/revision.ts';
import type { RequestSeries } from '../../src/domain/traffic/request-series.ts';
import type { EmbeddedRouter } from '../../src/routing/embedded/client.ts';
import { ask } from '../contract/http.ts';
import { RouterHome, kill } from './router-process.ts';

const WEB = { name: 'web', environment: 'production' };

describe('the series that the embedded router counts', () => {
  let home: RouterHome;
  let router: EmbeddedRouter;
  let process: ChildProcess;
  let server: Server;
  let asked: (() => void) | undefined;

  const answer: RequestListener = (request, response) => {
    const [, what] = (request.url ?? '').split('/');
    if (what === 'hang') asked?.();
    else if (what === 'reset') request.socket.destroy();
    else if (what === 'broken')
      response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy());
    else response.writeHead(Number(what)).end();
  };

  beforeEach(async () => {
    home = await RouterHome.make();
    process = await home.start(['--metrics', '127.0.0.1:0']);
    router = home.client();
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.close();
    server.closeAllConnections();
    await router.close();
    await home.dispose();
  });

  async function route(port = (server.address() as AddressInfo).port): Promise<Endpoint> {
    const targets = [{ revision: 1, endpoints: [{ host: '127.0.0.1', port }], weight: 100 }];
    return (await router.apply({ service: WEB, generation: 1, targets })).address;
  }

  /** Once nothing is in flight: a client may see the end of its answer before the router has counted it. */
  async function counted(): Promise<RequestSeries> {
    for (;;) {
      const { inFlight, series } = (await router.observe(WEB))!.targets[0]!;
      if (inFlight === 0) return series!;
    }
  }

  const totalOf = ({ latency }: RequestSeries): number => latency!.counts.reduce((sum, count) => sum + count, 0);

  it('tells answers, errors and the unanswered apart, each request once', async () => {
    const address = await route();
    for (const path of ['/200', '/404', '/302', '/500', '/503']) await ask(address, { path });
    assert.equal((await ask(address, { path: '/reset', method: 'POST' })).status, 502);
    await assert.rejects(ask(address, { path: '/broken' }));
    const { requests, errors, unanswered, ...more } = await counted();
    assert.deepEqual({ requests, errors, unanswered }, { requests: 7, errors: 4, unanswered: 2 });
    assert.equal(totalOf({ requests, errors, ...more }), 7);
    assert.equal(more.latency!.counts.length, more.latency!.boundsMs.length + 1);
  });

  it('has what a client waited for in vain, with how long it did', async () => {
    const address = await route();
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const client = connect(address.port, address.host);
    client.write('GET /hang HTTP/1.1\r\nHost: web\r\n\r\n');
    await isAsked;
    client.destroy();
    const series = await counted();
    assert.deepEqual([series.requests, series.errors, totalOf(series)], [1, 0, 1]);
  });

  it('has nothing of what the router refuses itself', async () => {
    const address = await route();
    const client = connect(address.port, address.host);
    client.write('GET /200 HTTP/1.1\r\nHost: one\r\nHost: two\r\nConnection: close\r\n\r\n');
    assert.match(await text(client), /^HTTP\/1\.1 400 /);
    const { requests, errors } = await counted();
    assert.deepEqual({ requests, errors }, { requests: 0, errors: 0 });
  });

  it('has as unanswered what nobody listens for', async () => {
    const gone = (server.address() as AddressInfo).port;
    server.close();
    await once(server, 'close');
    assert.equal((await ask(await route(gone))).status, 502);
    const { requests, errors, unanswered } = await counted();
    assert.deepEqual({ requests, errors, unanswered }, { requests: 1, errors: 1, unanswered: 1 });
  });

  it('has an upgraded connection as one answer', async () => {
    const sockets = new WebSocketServer({ server });
    const address = await route();
    const socket = new WebSocket(`ws://${address.host}:${address.port}/`);
    await once(socket, 'open');
    socket.close();
    await once(socket, 'close');
    const { requests, errors } = await counted();
    assert.deepEqual({ requests, errors }, { requests: 1, errors: 0 });
    sockets.close();
  });

  it('begins anew with the router, and goes on while the revision is in no route', async () => {
    const first = await route();
    await ask(first, { path: '/200' });
    assert.equal((await counted()).requests, 1);
    await kill(process);
    await home.start();
    assert.equal((await counted()).requests, 0);
    const { address, targets } = (await router.observe(WEB))!;
    await ask(address, { path: '/200' });
    await router.apply({ service: WEB, generation: 2, targets: [] });
    await router.apply({ service: WEB, generation: 3, targets });
    assert.equal((await counted()).requests, 1);
  });

  describe('for Prometheus', () => {
    const scrape = (path = '/metrics', method = 'GET') =>
      ask({ host: '127.0.0.1', port: home.metricsPort }, { path, method });

    it('are in its text format, of every revision that is in a route', async () => {
      const address = await route();
      for (const path of ['/200', '/500']) await ask(address, { path });
      await ask(address, { path: '/reset', method: 'POST' });
      await counted();
      const { status, headers, body } = await scrape();
      assert.deepEqual([status, headers['content-type']], [200, 'text/plain; version=0.0.4; charset=utf-8']);
      const of = 'service="web",environment="production",revision="r1"';
      for (const line of [
        '# TYPE supplant_router_request_duration_seconds histogram',
        `supplant_router_requests_total{${of}} 3`,
        `supplant_router_request_errors_total{${of},reason="status"} 1`,
        `supplant_router_request_errors_total{${of},reason="unanswered"} 1`,
        `supplant_router_request_duration_seconds_bucket{${of},le="480"} 3`,
        `supplant_router_request_duration_seconds_bucket{${of},le="+Inf"} 3`,
        `supplant_router_request_duration_seconds_count{${of}} 3`,
        `supplant_router_requests_in_flight{${of}} 0`,
        `supplant_router_revision_weight{${of}} 100`,
      ]) {
        assert.ok(body.split('\n').includes(line), `${line} is in\n${body}`);
      }
      const buckets = [...body.matchAll(/_bucket\{.*\} (\d+)/g)].map(([, count]) => Number(count));
      assert.deepEqual(
        buckets,
        buckets.toSorted((one, other) => one - other),
      );
      assert.match(body, /duration_seconds_sum\{[^}]*\} 0\.\d+/);
    });

    it('are all that is there, and take no orders', async () => {
      assert.equal((await scrape('/routes')).status, 404);
      assert.equal((await scrape('/metrics', 'POST')).status, 405);
    });

    it('are refused where there is no such address', async () => {
      const { code, errors } = await home.startAndEnd(['--metrics', 'everywhere']);
      assert.equal(code, 1);
      assert.match(errors, /--metrics everywhere is no address; write it as HOST:PORT, or :PORT for this machine only/);
    });
  });
});
