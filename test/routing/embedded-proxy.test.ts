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
import type { Endpoint } from '../../src/domain/service/revision.ts';
import type { TargetCounts } from '../../src/domain/traffic/route.ts';
import type { EmbeddedRouter } from '../../src/routing/embedded/client.ts';
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
  async function counts(): Promise<Pick<TargetCounts, 'served' | 'failed' | 'inFlight'>> {
    for (;;) {
      const { served = 0, failed = 0, inFlight = 0 } = (await router.observe(WEB))!.targets[0]!;
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
        else if (request.method === 'HEAD') reply.setHeader('content-length', 4).end();
        else reply.end(request.url);
      }),
    );
    const head = await ask(address, { method: 'HEAD', path: '/abc' });
    assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '4', '']);
    assert.equal((await ask(address, { path: '/204' })).status, 204);
    assert.equal((await ask(address, { path: '/304' })).headers.etag, '"1"');
    assert.match(await raw(address, 'GET /old HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 OK[^]*\/old$/);
    assert.match(await raw(address, 'GET http://x/url HTTP/1.0\r\n\r\n'), /\/url$/);
    assert.match(await raw(address, 'GET http://x?q HTTP/1.0\r\n\r\n'), /\/\?q$/);
    assert.match(await raw(address, 'OPTIONS * HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 OK[^]*\*$/);
  });

  it('passes on trailers, both ways, and what announces them', async () => {
    const seen: unknown[] = [];
    const address = await routeTo(
      createServer((request, reply) => {
        request.resume().once('end', () => {
          seen.push(request.headers.trailer, request.rawTrailers);
          reply.writeHead(200, { trailer: 'x-sum, x-time' });
          reply.write('body');
          reply.addTrailers([
            ['x-sum', '42'],
            ['x-time', '1'],
          ]);
          reply.end();
        });
      }),
    );
    const request = httpRequest({ ...address, method: 'POST', headers: { trailer: 'x-a, x-b' }, agent: false });
    request.write('body');
    request.addTrailers([
      ['x-a', '1'],
      ['x-b', '2'],
    ]);
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await text(response);
    assert.deepEqual(response.rawTrailers, ['x-sum', '42', 'x-time', '1']);
    assert.equal(response.headers.trailer, 'x-sum, x-time');
    assert.deepEqual(seen, ['x-a, x-b', ['x-a', '1', 'x-b', '2']]);
  });

  it('answers who has shut down writing, and tells the service of it', async () => {
    const address = await routeTo(
      createTcpServer({ allowHalfOpen: true }, (socket) => {
        socket.resume().once('end', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
      }),
    );
    const socket = connect({ ...address, allowHalfOpen: true });
    socket.end('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    assert.match(await text(socket), /^HTTP\/1\.1 200 OK[^]*ok$/);
    assert.deepEqual(await counts(), { served: 1, failed: 0, inFlight: 0 });
  });

  it('keeps the order of requests that are sent ahead', async () => {
    const seen: string[] = [];
    const address = await routeTo(
      createServer((request, reply) => {
        seen.push(request.url ?? '');
        setImmediate(() => reply.end(request.url));
      }),
    );
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
    const requests = paths.map((path, index) => `${index % 2 ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    const last = 'GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
    assert.match(await raw(address, requests.join('') + last), /\/last$/);
    assert.deepEqual(seen, [...paths, '/last']);
  });

  it('delivers the head of an answer before its body', async () => {
    const address = await routeTo(
      createTcpServer((socket) => {
        const head = 'HTTP/1.1 200 OK\r\nx-o: \xff\r\ncontent-length: 9\r\n\r\n';
        socket.once('data', () => socket.write(Buffer.from(head, 'latin1')));
        socket.on('error', () => socket.destroy());
      }),
    );
    const request = httpRequest({ ...address, agent: false }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    assert.equal(response.headers['x-o'], '\xff');
    response.on('error', () => undefined);
    request.destroy();
    assert.equal((await counts()).inFlight, 0);
  });

  describe('of a service on bare sockets', () => {
    /** What a client on a bare socket gets when the service sends exactly this. */
    async function answered(answer: string, request = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n') {
      const address = await routeTo(
        createTcpServer((socket) => {
          socket.on('error', () => undefined);
          socket.once('data', () => socket.end(Buffer.from(answer, 'latin1')));
        }),
      );
      const socket = connect(address);
      socket.setEncoding('latin1');
      socket.write(request);
      let got = '';
      for await (const chunk of socket as AsyncIterable<string>) got += chunk;
      const { failed } = await counts();
      return { got, failed };
    }

    it('passes any byte of a reason phrase that HTTP allows', async () => {
      const { got, failed } = await answered("HTTP/1.1 404 Gibt's nicht \xfc\x80\xff\r\ncontent-length: 0\r\n\r\n");
      assert.ok(got.startsWith("HTTP/1.1 404 Gibt's nicht \xfc\x80\xff\r\n"), got);
      assert.equal(failed, 0);
    });

    it('passes informational answers, asked for or not, with all their headers', async () => {
      const hints = '</a.css>; rel=preload, </b.js>; rel="preload"; title="a, b"';
      const { got } = await answered(
        `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: ${hints}\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n`,
      );
      assert.ok(
        got.startsWith(
          `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: ${hints}\r\n\r\nHTTP/1.1 204 No Content\r\n`,
        ),
        got,
      );
    });

    it('passes a head above 16 KiB, and says what is wrong with one above 256 KiB', async () => {
      const head = (size: number) => `HTTP/1.1 200 OK\r\nx-long: ${'l'.repeat(size)}\r\ncontent-length: 0\r\n\r\n`;
      assert.match((await answered(head(200_000))).got, /^HTTP\/1\.1 200 OK\r\nx-long: l{200000}\r\n/);
      const { got, failed } = await answered(head(300_000));
      assert.match(got, /^HTTP\/1\.1 502 [^]*the head of its answer exceeds 262144 bytes/);
      assert.equal(failed, 1);
    });

    for (const [fault, answer] of Object.entries({
      'no HTTP': 'hello\r\n\r\n',
      'two lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      'a control character in a header': 'HTTP/1.1 200 OK\r\nx-a: \x01\r\n\r\n',
      'a protocol that nobody asked for': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n',
    })) {
      it(`answers 502 for ${fault}`, async () => {
        const { got, failed } = await answered(answer);
        assert.match(got, /^HTTP\/1\.1 502 [^]*"r\d+ did not answer: it/);
        assert.equal(failed, 1);
      });
    }

    it('refuses two Hosts and a transfer coding it does not know', async () => {
      const twice = await answered('', 'GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n');
      assert.match(twice.got, /^HTTP\/1\.1 400 [^]*more than one Host/);
      const coding =
        'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\nconnection: close\r\n\r\n0\r\n\r\n';
      assert.match((await answered('', coding)).got, /^HTTP\/1\.1 501 [^]*use chunked/);
    });
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
      const service = createServer((request, reply) => request.resume().once('end', () => reply.end('ok')));
      await routeTo(service);
      const address = await routeToPort(await unusedPort(), (service.address() as AddressInfo).port);
      for (let index = 0; index < 4; index += 1) assert.equal((await ask(address)).body, 'ok');
      // Nothing was sent, so it does not matter that these may not be repeated. All at once, so that turns interleave.
      const posts = Array.from({ length: 40 }, () => ask(address, { method: 'POST', body: 'x'.repeat(10_000) }));
      for (const answer of await Promise.all(posts)) assert.equal(answer.body, 'ok');
      assert.deepEqual(await counts(), { served: 44, failed: 0, inFlight: 0 });
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

    it('answers before it has read a body of 30 MB, the answer arrives and the connection goes on', async () => {
      const address = await routeTo(createServer((_request, reply) => reply.end('early')));
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const body = 'x'.repeat(30_000_000);
      const ports = new Set<number>();
      for (const method of ['POST', 'PUT', 'GET', 'POST']) {
        const answer = await ask(address, { method, agent, ...(method !== 'GET' && { body }) });
        assert.deepEqual([answer.status, answer.body], [200, 'early']);
        ports.add(answer.localPort);
      }
      agent.destroy();
      assert.equal(ports.size, 1);
      assert.deepEqual(await counts(), { served: 4, failed: 0, inFlight: 0 });
    });
  });

  describe('of a client that stops in the middle of its request and shuts down writing', () => {
    const HEAD = 'POST / HTTP/1.1\r\nhost: shop\r\ntransfer-encoding: chunked\r\n\r\n';

    it('tells the service, which may answer all the same', async () => {
      const seen = Promise.withResolvers<string>();
      const address = await routeTo(
        createTcpServer({ allowHalfOpen: true }, (socket) => {
          void text(socket).then(seen.resolve);
          socket.once('end', () => socket.end('HTTP/1.1 422 Half\r\ncontent-length: 4\r\n\r\nhalf'));
        }),
      );
      const socket = connect({ ...address, allowHalfOpen: true });
      socket.end(`${HEAD}3\r\nabc\r\n5\r\nde`);
      assert.match(await text(socket), /^HTTP\/1\.1 422 Half\r\n[^]*half$/);
      // All that came, and no end of the body: the service must not take half a request for a whole one.
      assert.match(await seen.promise, /3\r\nabc\r\n2\r\nde\r\n$/);
      assert.deepEqual(await counts(), { served: 1, failed: 0, inFlight: 0 });
    });

    it('passes on the rest of an answer that has begun', async () => {
      const hasEnded = Promise.withResolvers<undefined>();
      const address = await routeTo(
        createTcpServer({ allowHalfOpen: true }, (socket) => {
          socket.resume().once('end', () => hasEnded.resolve(undefined));
          socket.once('data', () => {
            socket.write('HTTP/1.1 404 No\r\ncontent-length: 9\r\n\r\nnot ');
            void hasEnded.promise.then(() => socket.end('found'));
          });
        }),
      );
      const socket = connect({ ...address, allowHalfOpen: true });
      const answer = text(socket);
      socket.write(HEAD);
      socket.once('data', () => socket.end());
      assert.match(await answer, /^HTTP\/1\.1 404 No\r\n[^]*not found$/);
      assert.deepEqual(await counts(), { served: 1, failed: 0, inFlight: 0 });
    });

    it('answers what it asked before', async () => {
      const address = await routeTo(createServer((request, reply) => reply.end(`${request.method} is answered`)));
      const socket = connect({ ...address, allowHalfOpen: true });
      socket.end('GET / HTTP/1.1\r\nhost: shop\r\n\r\nPOST /half HT');
      assert.match(await text(socket), /GET is answered$/);
      assert.deepEqual(await counts(), { served: 1, failed: 0, inFlight: 0 });
    });

    it('refuses what is not even a head', async () => {
      const address = await routeTo(createServer());
      const socket = connect({ ...address, allowHalfOpen: true });
      socket.end('POST / HT');
      assert.equal(await text(socket), 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });

    it('does not use the connection to the service again, though that has answered early', async () => {
      const connections: Socket[] = [];
      const service = createTcpServer({ allowHalfOpen: true }, (socket) => {
        connections.push(socket);
        socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
        socket.once('end', () => socket.end());
      });
      const address = await routeTo(service);
      const socket = connect({ ...address, allowHalfOpen: true });
      const answer = text(socket);
      socket.write(HEAD);
      socket.once('data', () => socket.end());
      assert.match(await answer, /ok$/);
      assert.equal((await ask(address)).body, 'ok');
      assert.equal(connections.length, 2);
      for (const connection of connections) connection.destroy();
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

    it('with a whole URL gets the path and the host to the service', async () => {
      const service = createServer();
      service.on('upgrade', (request, socket) => {
        const switched = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo';
        socket.end(`${switched}\r\n\r\n${request.url} ${request.headers.host}`);
      });
      const address = await routeTo(service);
      const request =
        'GET http://shop.example/a/../b?c HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n';
      assert.match(await raw(address, request), /\/a\/\.\.\/b\?c shop\.example$/);
    });

    it('that is refused with a long answer gets all of it', async () => {
      const service = createServer();
      const long = 'l'.repeat(2_000_000);
      service.on('upgrade', (_request, socket) =>
        socket.end(`HTTP/1.1 403 No\r\ncontent-length: ${long.length}\r\n\r\n${long}`),
      );
      const address = await routeTo(service);
      const answer = await raw(address, 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
      assert.ok(answer.endsWith(long), `${answer.length}`);
    });

    it('may be a tunnel by CONNECT', async () => {
      const service = createServer();
      service.on('connect', (request, socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n\r\n${request.url} `);
        socket.pipe(socket);
      });
      const address = await routeTo(service);
      const socket = connect({ ...address, allowHalfOpen: true });
      socket.write('CONNECT db.example:5432 HTTP/1.1\r\nhost: db.example:5432\r\n\r\n');
      socket.end('ping');
      assert.match(await text(socket), /^HTTP\/1\.1 200 OK\r\n\r\ndb\.example:5432 ping$/);
      assert.equal((await counts()).inFlight, 0);
    });

    it('to HTTP/2 is answered over HTTP/1.1', async () => {
      const address = await routeTo(createServer((_request, reply) => reply.end('plain')));
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
      assert.equal((await ask(address, { headers })).body, 'plain');
    });
  });
});
