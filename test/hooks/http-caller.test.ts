import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { createHookCaller } from '../../src/hooks/http-caller.ts';
import { readAllowedHosts } from '../../src/hooks/reachable.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const here = readAllowedHosts('127.0.0.1,localhost');

describe('calls of hooks', () => {
  const servers: Server[] = [];

  before(() => {
    process.env.TEST_HOOK_SECRET = secret;
    process.env.TEST_HOOK_NO_SECRET = 'hunter2';
  });

  after(() => {
    delete process.env.TEST_HOOK_SECRET;
    delete process.env.TEST_HOOK_NO_SECRET;
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function serve(listener: RequestListener, address = '127.0.0.1', port = 0): Promise<number> {
    const server = createServer(listener);
    servers.push(server);
    await once(server.listen(port, address), 'listening');
    return (server.address() as AddressInfo).port;
  }

  const call = (url: string, more: object = {}) => ({
    ...{ url, secret: 'env:TEST_HOOK_SECRET', id: 'web/test:1', body: { a: 'ä' }, timeoutMs: 10_000 },
    ...more,
  });

  it('are posted and signed, and what is answered comes back', async () => {
    const verified: unknown[] = [];
    const port = await serve((request, response) => {
      void read(request).then((body) => {
        verified.push(
          request.method,
          request.url,
          new Webhook(secret).verify(body, request.headers as Record<string, string>),
        );
        response.writeHead(202, { 'retry-after': '7' }).end('{"status":"succeeded"}');
      });
    });
    const reply = await createHookCaller({ allowed: here }).call(call(`http://localhost:${port}/a/b?c=d`));
    assert.deepEqual(reply, { status: 202, body: '{"status":"succeeded"}', retryAfterMs: 7000 });
    assert.deepEqual(verified, ['POST', '/a/b?c=d', { a: 'ä' }]);
  });

  it('go to the address that was looked at, whatever the name stands for later', async () => {
    const asked: string[] = [];
    const port = await serve((request, response) => {
      asked.push(request.headers.host ?? '');
      response.end('right');
    });
    await serve((_request, response) => response.end('wrong'), '127.0.0.2', port);
    let looks = 0;
    const resolve = async (): Promise<{ address: string; family: number }[]> => {
      looks += 1;
      return Promise.resolve([{ address: looks === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
    };
    const caller = createHookCaller({ allowed: here, resolve });
    const url = `http://rebound.example:${port}/`;
    assert.equal((await caller.call(call(url))).body, 'right');
    assert.deepEqual([looks, asked], [1, [`rebound.example:${port}`]]);
    await assert.rejects(caller.call(call(url)), { name: 'HookRefusedError', message: /127\.0\.0\.2 is no public/ });
  });

  it('do not reach what nobody allowed', async () => {
    let requests = 0;
    const port = await serve((_request, response) => {
      requests += 1;
      response.end();
    });
    const caller = createHookCaller({ allowed: readAllowedHosts() });
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '[::ffff:127.0.0.1]']) {
      await assert.rejects(caller.call(call(`http://${host}:${port}/`)), { name: 'HookRefusedError' });
    }
    assert.equal(requests, 0);
  });

  it('follow no redirect', async () => {
    let requests = 0;
    const port = await serve((request, response) => {
      requests += 1;
      response.writeHead(307, { location: `http://${request.headers.host ?? ''}/elsewhere` }).end();
    });
    const reply = await createHookCaller({ allowed: here }).call(call(`http://127.0.0.1:${port}/`));
    assert.deepEqual(reply, { status: 307, body: '', location: `http://127.0.0.1:${port}/elsewhere` });
    assert.equal(requests, 1);
  });

  it('read answers up to a size, and with the secret taken out', async () => {
    const port = await serve((request, response) =>
      response.end(request.url === '/large' ? 'x'.repeat(70_000) : secret),
    );
    const caller = createHookCaller({ allowed: here });
    await assert.rejects(caller.call(call(`http://127.0.0.1:${port}/large`)), {
      name: 'HookRefusedError',
      message: /answered more than 65536 bytes/,
    });
    const { body } = await caller.call(call(`http://127.0.0.1:${port}/`));
    assert.equal(body, '[env env:TEST_HOOK_SECRET]');
  });

  it('end in time: without an answer, in the middle of one, and when called off', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/begun') response.write('{"status":');
    });
    const caller = createHookCaller({ allowed: here });
    for (const path of ['silent', 'begun']) {
      await assert.rejects(caller.call(call(`http://127.0.0.1:${port}/${path}?token=x`, { timeoutMs: 100 })), {
        name: 'HookUnavailableError',
        message: `http://127.0.0.1:${port}/${path} gave no whole answer within 0.1 s`,
      });
    }
    const never = createHookCaller({ allowed: here, resolve: async () => new Promise(() => undefined) });
    await assert.rejects(never.call(call('http://never.example/', { timeoutMs: 100 })), {
      name: 'HookUnavailableError',
    });
    const off = new AbortController();
    const calling = caller.call(call(`http://127.0.0.1:${port}/silent`), off.signal);
    off.abort(new Error('called off'));
    await assert.rejects(calling, /called off/);
  });

  it('say what keeps them from being made', async () => {
    const caller = createHookCaller({ allowed: here });
    for (const [wrong, name, message] of [
      [{ url: 'ftp://h/' }, 'HookRefusedError', /has to be http/],
      [{ url: 'http://a:b@h/' }, 'HookRefusedError', /no credentials/],
      [{ secret: 'env:TEST_HOOK_NO_SECRET' }, 'HookRefusedError', /env:TEST_HOOK_NO_SECRET cannot sign.*openssl/],
      [{ secret: 'env:TEST_HOOK_UNSET' }, 'HookUnavailableError', /env:TEST_HOOK_UNSET cannot be read/],
      [{ url: 'http://127.0.0.1:1/' }, 'HookUnavailableError', /^http:\/\/127\.0\.0\.1:1\/ gave no answer: /],
    ] as const) {
      await assert.rejects(caller.call(call('http://127.0.0.1/', wrong)), { name, message });
    }
  });
});

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
