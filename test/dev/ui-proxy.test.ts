import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, type Server, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UiProxy } from '../../src/dev/ui-proxy.ts';

/** A request as it comes from a browser, which alone decides on Host, Origin and Sec-Fetch-…. */
async function ask(
  port: number,
  method: string,
  headers: Record<string, string>,
  body = '',
  path = '/api/v1/namespaces?x=1',
): Promise<[number, string, string?]> {
  const asked = request({ host: '127.0.0.1', port, method, path, headers });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) text += chunk.toString('utf8');
  const { location } = response.headers;
  const status = response.statusCode ?? 0;
  return location === undefined ? [status, text] : [status, text, location];
}

describe('the proxy before the UI', () => {
  let server: Server;
  let proxy: UiProxy;
  const seen: { method?: string | undefined; url?: string | undefined; headers: IncomingHttpHeaders; body: string }[] =
    [];

  before(async () => {
    server = createServer((incoming, response) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      incoming.on('end', () => {
        seen.push({ method: incoming.method, url: incoming.url, headers: incoming.headers, body });
        response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'] });
        response.end('the UI');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await UiProxy.open(0, {
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      namespace: 'supplant-1',
    });
  });
  beforeEach(() => (seen.length = 0));
  after(async () => {
    await (proxy as UiProxy | undefined)?.[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
  });

  const own = (): Record<string, string> => ({ host: `127.0.0.1:${proxy.port}` });

  it('passes on what the UI’s own pages ask, and what is no browser’s', async () => {
    const origin = `http://127.0.0.1:${proxy.port}`;
    assert.deepEqual(await ask(proxy.port, 'GET', own()), [201, 'the UI']);
    assert.deepEqual(await ask(proxy.port, 'POST', { ...own(), origin, 'sec-fetch-site': 'same-origin' }, '{"a":1}'), [
      201,
      'the UI',
    ]);
    assert.deepEqual(await ask(proxy.port, 'GET', { host: `localhost:${proxy.port}`, 'sec-fetch-site': 'none' }), [
      201,
      'the UI',
    ]);
    assert.deepEqual(
      seen.map(({ method, url, body }) => [method, url, body]),
      [
        ['GET', '/api/v1/namespaces?x=1', ''],
        ['POST', '/api/v1/namespaces?x=1', '{"a":1}'],
        ['GET', '/api/v1/namespaces?x=1', ''],
      ],
    );
  });

  it('leads from the address that is printed to the namespace in which the rollouts are', async () => {
    assert.deepEqual(await ask(proxy.port, 'GET', own(), '', '/'), [302, '', '/namespaces/supplant-1/workflows']);
    assert.deepEqual(seen, []);
    const rebound = await ask(proxy.port, 'GET', { host: 'rebound.example' }, '', '/');
    assert.equal(rebound[0], 403);
  });

  it('shows the UI to who follows a link', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    assert.equal((await ask(proxy.port, 'GET', { ...own(), ...link }))[0], 201);
  });

  const refused: [string, string, Record<string, string>][] = [
    ['a name that was rebound', 'GET', { host: 'rebound.example:8233' }],
    ['a name that only looks like this machine’s', 'GET', { host: '127.0.0.1.example' }],
    ['another site’s form', 'POST', { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a page of nowhere', 'POST', { origin: 'null' }],
    ['another port’s page', 'POST', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
    ['another site’s form that is followed', 'POST', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' }],
    ['another site’s script', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'script' }],
    ['another site’s frame', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }],
  ];
  for (const [who, method, headers] of refused) {
    it(`lets nobody in who comes by ${who}`, async () => {
      assert.equal((await ask(proxy.port, method, { ...own(), ...headers }, 'x'))[0], 403);
      assert.deepEqual(seen, []);
    });
  }

  it('says so while the UI does not answer', async () => {
    await using lonely = await UiProxy.open(0, { host: '127.0.0.1', port: 1, namespace: 'supplant-1' });
    assert.equal((await ask(lonely.port, 'GET', { host: `127.0.0.1:${lonely.port}` }))[0], 502);
  });
});
