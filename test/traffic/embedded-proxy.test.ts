import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request as httpRequest, type Server } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import WebSocket from 'ws';
import type { Endpoint } from '../../src/domain/revision.ts';
import type { TargetObservation } from '../../src/domain/route.ts';
import type { EmbeddedRouter } from '../../src/traffic/embedded/client.ts';
import { ask } from '../contract/http.ts';
import { RouterHome } from './router-process.ts';

const WEB = { name: 'web', environment: 'production' };

describe('embedded router as a proxy', () => {
  let home: RouterHome;
  let router: EmbeddedRouter;
  let generation = 0;
  const services: (Server | TcpServer)[] = [];

  before(async () => {
    home = await RouterHome.make();
    await home.start();
    router = home.client();
  });

  afterEach(() => {
    for (const service of services.splice(0)) {
      service.close();
      if ('closeAllConnections' in service) service.closeAllConnections();
    }
  });

  after(async () => {
    await router.close();
    await home.dispose();
  });

  /** Sends all traffic to this service, as a revision of its own. */
  async function routeTo(service: Server | TcpServer): Promise<Endpoint> {
    await once(service.listen(0, '127.0.0.1'), 'listening');
    services.push(service);
    return routeToPort((service.address() as AddressInfo).port);
  }

  async function routeToPort(...ports: number[]): Promise<Endpoint> {
    generation += 1;
    const endpoints = ports.map((port) => ({ host: '127.0.0.1', port }));
    const targets = [{ revision: generation, endpoints, weight: 100 }];
    return (await router.apply({ service: WEB, generation, targets })).address;
  }

  /** Once nothing is in flight: a client may see the end of its answer before the router has counted it. */
  async function counts(): Promise<Pick<TargetObservation, 'served' | 'failed' | 'inFlight'>> {
    for (;;) {
      const { served, failed, inFlight } = (await router.observe(WEB))!.targets[0]!;
      if (inFlight === 0) return { served, failed, inFlight };
    }
  }

  async function unusedPort(): Promise<number> {
    const server = createTcpServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await once(server.close(), 'close');
    return port;
  }

  /** Sends raw text and gives back all that comes until the other side ends. */
  async function raw(address: Endpoint, request: string): Promise<string> {
    const socket = connect(address);
    socket.write(request);
    return text(socket);
  }

  describe('headers', () => {
    it('of the connection end at the router, both ways', async () => {
      const seen: IncomingMessage['headers'][] = [];
      const address = await routeTo(
        createServer((request, reply) => {
          seen.push(request.headers);
          reply
            .setHeader('connection', 'keep-alive, x-hop')
            .setHeader('x-hop', '1')
            .setHeader('keep-alive', 'timeout=9');
          reply.setHeader('set-cookie', ['a=1', 'b=2']).end('ok');
        }),
      );
      const answer = await ask(address, {
        headers: {
          connection: 'close, x-secret',
          'x-secret': '1',
          te: 'trailers',
          'proxy-authorization': 'x',
          'x-kept': '1',
        },
      });
      const [headers] = seen;
      assert.equal(headers!['x-secret'], undefined);
      assert.equal(headers!.te, undefined);
      assert.equal(headers!['proxy-authorization'], undefined);
      assert.equal(headers!['x-kept'], '1');
      assert.equal(answer.headers['x-hop'], undefined);
      assert.notEqual(answer.headers['keep-alive'], 'timeout=9');
      assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
    });

    it('say where the request came from, after what was known before', async () => {
      const address = await routeTo(createServer((request, reply) => reply.end(JSON.stringify(request.headers))));
      const plain = JSON.parse((await ask(address, { headers: { host: 'shop.example' } })).body) as Record<
        string,
        string
      >;
      assert.equal(plain.host, 'shop.example');
      assert.equal(plain['x-forwarded-host'], 'shop.example');
      assert.equal(plain['x-forwarded-for'], '127.0.0.1');
      const behind = {
        'x-forwarded-for': '203.0.113.7',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'a.example',
      };
      const seen = JSON.parse((await ask(address, { headers: behind })).body) as Record<string, string>;
      assert.equal(seen['x-forwarded-for'], '203.0.113.7, 127.0.0.1');
      assert.equal(seen['x-forwarded-proto'], 'https');
      assert.equal(seen['x-forwarded-host'], 'a.example');
    });

    it('that expect a go-ahead get it', async () => {
      const address = await routeTo(createServer((request, reply) => request.pipe(reply)));
      const request = httpRequest({ ...address, method: 'POST', headers: { expect: '100-continue' }, agent: false });
      request.flushHeaders();
      await once(request, 'continue');
      request.end('body');
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      assert.equal(await text(response), 'body');
    });
  });

  it('serves HEAD, 204, 304, HTTP/1.0 and whole URLs', async () => {
    const address = await routeTo(
      createServer((request, reply) => {
        if (request.url === '/204') reply.writeHead(204).end();
        else if (request.url === '/304') reply.writeHead(304, { etag: '"1"' }).end();
        else reply.setHeader('content-length', 4).end(request.method === 'HEAD' ? '' : request.url);
      }),
    );
    const head = await ask(address, { method: 'HEAD', path: '/abc' });
    assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '4', '']);
    assert.equal((await ask(address, { path: '/204' })).status, 204);
    assert.equal((await ask(address, { path: '/304' })).headers.etag, '"1"');
    assert.match(await raw(address, 'GET /old HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 OK[^]*\/old$/);
    assert.match(await raw(address, 'GET http://x/url HTTP/1.0\r\n\r\n'), /\/url$/);
    assert.match(await raw(address, 'OPTIONS * HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request[^]*"error"/);
  });

  it('passes on trailers', async () => {
    const address = await routeTo(
      createServer((_request, reply) => {
        reply.writeHead(200, { trailer: 'x-sum' });
        reply.write('body');
        reply.addTrailers({ 'x-sum': '42' });
        reply.end();
      }),
    );
    const request = httpRequest({ ...address, agent: false }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await text(response);
    assert.equal(response.trailers['x-sum'], '42');
  });

  it('streams large bodies both ways', async () => {
    const address = await routeTo(createServer((request, reply) => request.pipe(reply)));
    const block = randomBytes(1024 * 1024);
    const blocks = 64;
    const sent = createHash('sha256');
    for (let index = 0; index < blocks; index += 1) sent.update(block);
    const request = httpRequest({ ...address, method: 'PUT', agent: false });
    const uploaded = pipeline(Readable.from(Array.from({ length: blocks }, () => block)), request);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const received = createHash('sha256');
    for await (const chunk of response as AsyncIterable<Buffer>) received.update(chunk);
    await uploaded;
    assert.equal(received.digest('hex'), sent.digest('hex'));
  });

  it('holds back a service that is faster than its client', async () => {
    const total = 256 * 1024 * 1024;
    let written = 0;
    const stalled = Promise.withResolvers<number>();
    const address = await routeTo(
      createServer((_request, reply) => {
        const block = Buffer.alloc(64 * 1024);
        const source = Readable.from(
          (function* () {
            for (; written < total; written += block.length) yield block;
          })(),
        );
        source.pipe(reply);
        // Every stage is full once a whole second has passed without a drain.
        let timer = setTimeout(() => stalled.resolve(written), 1000);
        reply.on('drain', () => {
          clearTimeout(timer);
          timer = setTimeout(() => stalled.resolve(written), 1000);
        });
      }),
    );
    const request = httpRequest({ ...address, agent: false }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.pause();
    assert.ok((await stalled.promise) < total / 2);
    response.destroy();
  });

  describe('when a kept connection is reset on reuse', () => {
    /** Answers the first request of each connection and resets it on the second one. */
    function fickle() {
      const seen: string[] = [];
      const server = createTcpServer((socket: Socket) => {
        let requests = 0;
        socket.on('error', () => undefined);
        socket.on('data', (data) => {
          if (!/^[A-Z]+ \//.test(data.toString())) return;
          requests += 1;
          seen.push(`${data.toString().split(' ')[0] ?? ''} ${requests}`);
          if (requests > 1) socket.resetAndDestroy();
          else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        });
      });
      return { server, seen };
    }

    it('a request that may be repeated is, once, on a fresh connection', async () => {
      const { server, seen } = fickle();
      const address = await routeTo(server);
      for (const method of ['GET', 'GET', 'DELETE', 'HEAD', 'OPTIONS']) {
        assert.equal((await ask(address, { method })).status, 200, method);
      }
      assert.deepEqual(seen.slice(0, 3), ['GET 1', 'GET 2', 'GET 1']);
      assert.deepEqual(await counts(), { served: 5, failed: 0, inFlight: 0 });
    });

    it('a request that may not be repeated never sets out on it', async () => {
      const { server, seen } = fickle();
      const address = await routeTo(server);
      assert.equal((await ask(address)).status, 200);
      for (const method of ['POST', 'PUT', 'PATCH']) {
        assert.equal((await ask(address, { method, body: 'x' })).status, 200, method);
      }
      assert.deepEqual(seen, ['GET 1', 'POST 1', 'PUT 1', 'PATCH 1']);
    });
  });

  describe('when the service', () => {
    it('cannot be reached, answers 502 and says why', async () => {
      const address = await routeToPort(await unusedPort());
      for (const method of ['GET', 'POST']) {
        const answer = await ask(address, { method, ...(method === 'POST' && { body: 'x'.repeat(100_000) }) });
        assert.equal(answer.status, 502);
        assert.match((JSON.parse(answer.body) as { error: string }).error, /^r\d+ did not answer: .*ECONNREFUSED/);
      }
      assert.deepEqual(await counts(), { served: 2, failed: 2, inFlight: 0 });
    });

    it('has one endpoint that cannot be reached, asks the next one', async () => {
      const service = createServer((_request, reply) => reply.end('ok'));
      await routeTo(service);
      const address = await routeToPort(await unusedPort(), (service.address() as AddressInfo).port);
      for (let index = 0; index < 4; index += 1) assert.equal((await ask(address)).body, 'ok');
    });

    it('breaks off, the client can tell', async () => {
      const address = await routeTo(
        createServer((_request, reply) => {
          reply.writeHead(200, { 'content-length': 100 });
          reply.write('half', () => reply.destroy());
        }),
      );
      await assert.rejects(ask(address), { code: 'ECONNRESET' });
      assert.deepEqual(await counts(), { served: 1, failed: 1, inFlight: 0 });
    });

    it('answers before it has read the body, the answer arrives', async () => {
      const address = await routeTo(
        createServer((_request, reply) => reply.writeHead(413, { connection: 'close' }).end('too large')),
      );
      const answer = await ask(address, { method: 'POST', body: 'x'.repeat(50_000) });
      assert.deepEqual([answer.status, answer.body], [413, 'too large']);
    });
  });

  it('tells the service when the client has gone', async () => {
    const closed = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const address = await routeTo(
      createServer((_request, reply) => {
        begun.resolve(undefined);
        reply.once('close', () => closed.resolve(undefined));
      }),
    );
    const request = httpRequest({ ...address, agent: false }).end();
    request.on('error', () => undefined);
    await begun.promise;
    request.destroy();
    await closed.promise;
    assert.deepEqual(await counts(), { served: 1, failed: 0, inFlight: 0 });
  });

  it('keeps connections to the service', async () => {
    let connections = 0;
    const service = createServer((_request, reply) => reply.end('ok'));
    service.on('connection', () => (connections += 1));
    const address = await routeTo(service);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let index = 0; index < 10; index += 1) await ask(address, { agent });
    agent.destroy();
    assert.equal(connections, 1);
  });

  describe('an upgrade', () => {
    it('that is refused gets the ordinary answer', async () => {
      const service = createServer();
      service.on('upgrade', (_request, socket) =>
        socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 6\r\nx-why: me\r\n\r\nno way'),
      );
      const address = await routeTo(service);
      const socket = new WebSocket(`ws://127.0.0.1:${address.port}`);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
      assert.deepEqual([response.statusCode, response.headers['x-why'], await text(response)], [401, 'me', 'no way']);
      assert.equal((await counts()).inFlight, 0);
    });

    it('to a service that cannot be reached gets 502', async () => {
      const address = await routeToPort(await unusedPort());
      const socket = new WebSocket(`ws://127.0.0.1:${address.port}`);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
      assert.equal(response.statusCode, 502);
      assert.match(await text(response), /did not answer/);
      assert.deepEqual(await counts(), { served: 1, failed: 1, inFlight: 0 });
    });

    it('may be to any protocol, and loses nothing that was sent early', async () => {
      const service = createServer();
      service.on('upgrade', (_request, socket, head: Buffer) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhello ');
        socket.write(head);
        socket.pipe(socket);
      });
      const address = await routeTo(service);
      const socket = connect(address);
      socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nearly ');
      socket.end('late');
      assert.match(await text(socket), /^HTTP\/1\.1 101 [^]*upgrade: echo\r\n\r\nhello early late$/i);
    });

    it('to HTTP/2 is answered over HTTP/1.1', async () => {
      const address = await routeTo(createServer((_request, reply) => reply.end('plain')));
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
      assert.equal((await ask(address, { headers })).body, 'plain');
    });
  });
});
