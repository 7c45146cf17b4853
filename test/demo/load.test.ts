import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Load } from '../../demo/load.ts';

const PAGE = JSON.stringify({ name: 'http-server', version: '1.2.3' }, null, 2);

describe("the demo's load", () => {
  let server: Server;
  let load: Load;
  let served = 0;

  afterEach(async () => {
    await load.end();
    server.closeAllConnections();
    server.close();
  });

  async function serve(...answer: [status: number, body: string][]): Promise<string> {
    served = 0;
    server = createServer((_request, response) => {
      const [status, body] = answer[served % answer.length]!;
      served += 1;
      response.writeHead(status).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Until the server has got this many requests. */
  async function loaded(origin: string, requests: number) {
    load = new Load((error) => assert.fail(error));
    load.start({ origin, perSecond: 500 });
    while (served < requests) await once(server, 'request');
    return load.stop();
  }

  it('counts each request, and who answered it', async () => {
    const report = await loaded(await serve([200, PAGE]), 20);
    assert.equal(report.total, served);
    assert.equal(report.failed, 0);
    assert.deepEqual(Object.keys(report.answers), ['1.2.3']);
    assert.equal(report.answers['1.2.3']?.count, served);
  });

  it('takes every other answer for a failure', async () => {
    const report = await loaded(await serve([200, PAGE], [503, PAGE], [200, 'hello'], [302, '']), 20);
    const answered = report.answers['1.2.3']?.count ?? 0;
    assert.equal(report.total, served);
    assert.equal(report.failed, served - answered);
    assert.deepEqual(report.failures.map(({ what }) => what).sort(), [
      'answered 302',
      'answered 503',
      'answered something else',
    ]);
  });

  it('counts requests that nobody answers', async () => {
    const origin = await serve([200, PAGE]);
    await loaded(origin, 5);
    await load.end();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    load = new Load((error) => assert.fail(error));
    load.start({ origin, perSecond: 500 });
    while ((load.report?.failed ?? 0) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const report = await load.stop();
    assert.equal(report.failed, report.total);
    assert.match(report.failures[0]?.what ?? '', /ECONNREFUSED/);
  });
});
