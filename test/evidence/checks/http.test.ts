import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { attemptHttp } from '../../../src/evidence/checks/http/attempt.ts';
import type { HttpCheck } from '../../../src/domain/evidence/checks.ts';
import { createRedactor } from '../../../src/domain/evidence/redaction.ts';
import type { Endpoint } from '../../../src/domain/service/revision.ts';

const check = (more: Partial<HttpCheck> = {}): HttpCheck => ({
  ...{ kind: 'http', name: 'answers', path: '/', status: [200], responseHeaders: {} },
  ...{ successes: 1, intervalMs: 5, timeoutMs: 5_000, deadlineMs: 10_000 },
  ...more,
});
const JSON_BODY = { status: 'ok', version: '2.1.0', parts: [{ up: true }, { up: true }], 'a b': null };

const SECRET = 'ZZ-top-ZZ-secret-ZZ';

/** A service as real ones are: picky about hosts, in love with https, talkative when it refuses. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '', method, rawHeaders } = request;
  const shop = request.headers.host === 'shop.example';
  if (url === '/picky' && !shop) response.writeHead(403).end('Host not allowed: \u001b[31mred\u202e');
  else if (url === '/secure' && request.headers['x-forwarded-proto'] !== 'https')
    response.writeHead(301, { location: `https://${request.headers.host ?? ''}/secure` }).end();
  else if (url === '/cookies')
    response.setHeader('vary', ['a', 'b']).setHeader('set-cookie', ['a=1; Path=/', 'sid=x7; HttpOnly']).end();
  else if (url === '/json') response.writeHead(200).end(JSON.stringify(JSON_BODY));
  else if (url === '/echo')
    response.writeHead(200).end(JSON.stringify({ method, rawHeaders, body: await text(request) }));
  else if (url === '/login') response.writeHead(302, { location: '/welcome?from=login' }).end();
  else if (url === '/named') response.writeHead(302, { location: 'http://shop.example/picky' }).end();
  else if (url === '/away') response.writeHead(302, { location: 'http://elsewhere.example/' }).end();
  else if (url === '/round') response.writeHead(307, { location: '/round' }).end();
  else if (url === '/sent') response.writeHead(303, { location: '/echo' }).end();
  else if (url.startsWith('/secret/')) {
    const text = `${'x'.repeat(Number(url.split('/')[2]))}${SECRET}`;
    const location = url.endsWith('/followed') ? `/${text}` : `http://elsewhere.example/${text}`;
    response.writeHead(302, { location, 'x-session': text }).end(JSON.stringify({ status: text }));
  } else if (url === '/long') response.writeHead(500).end('é'.repeat(300));
  else if (url === '/huge') {
    response.writeHead(200);
    const more = (): void => {
      if (!response.destroyed) response.write('x'.repeat(65_536), more);
    };
    more();
  } else if (url === '/events') response.writeHead(200).write('data: 1\n\n');
  else response.writeHead(200).end('welcome');
}

describe('HTTP checks', () => {
  let server: Server;
  let endpoint: Endpoint;
  const never = new AbortController().signal;
  const listen = async (of: Server): Promise<Endpoint> => {
    await new Promise<void>((resolve) => of.listen(0, '127.0.0.1', resolve));
    return { host: '127.0.0.1', port: (of.address() as AddressInfo).port };
  };
  const ask = (more: Partial<HttpCheck>, at = endpoint) => attemptHttp(check(more), at, never);

  before(async () => {
    server = createPlain((request, response) => void answer(request, response));
    endpoint = await listen(server);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('shows the first 200 bytes of what refused, harmless to a terminal', async () => {
    const { ok, evidence } = await ask({ path: '/picky' });
    assert.equal(ok, false);
    assert.match(evidence, /answered 403, wanted 200; its body: "Host not allowed: \\u001b\[31mred\\u202e"$/);
    const long = await ask({ path: '/long' });
    assert.ok(long.evidence.endsWith(`its body: "${'é'.repeat(100)}"…`), long.evidence);
  });

  it('quotes no part of a secret, wherever a quotation ends', async () => {
    const redact = createRedactor([{ name: 'TOKEN', value: SECRET }]);
    const wrong: Partial<HttpCheck>[] = [
      { responseHeaders: { 'x-session': { equals: 'none' } } },
      { json: [{ path: '$.status', equals: 'ok' }] },
      { follow: true },
      {},
    ];
    for (let length = 150; length < 200; length += 1) {
      for (const path of [`/secret/${length}/followed`, `/secret/${length}/away`]) {
        for (const more of wrong) {
          const { evidence } = await attemptHttp(check({ path, ...more }), endpoint, never, redact);
          assert.doesNotMatch(redact(evidence), /ZZ/, evidence);
        }
      }
    }
  });

  it('shows no part of a secret that begins within what is looked at of a long body', async () => {
    const value = 'Z'.repeat(7_000);
    const talkative = createPlain((_, response) => response.writeHead(500).end(value.repeat(10)));
    try {
      const redact = createRedactor([{ name: 'T', value }]);
      const { evidence } = await attemptHttp(check(), await listen(talkative), never, redact);
      assert.match(evidence, /answered 500, wanted 200; its body: "(\[env T\]){9}(\[env )?/);
      assert.doesNotMatch(evidence, /ZZ/);
    } finally {
      talkative.closeAllConnections();
      talkative.close();
    }
  });

  it('sends what an endpoint is reached by, whatever the check itself would send', async () => {
    const shared = { ...endpoint, attributes: { targetGroupArn: 'arn', 'header:x-revision': 'web-r2' } };
    const asked = { path: '/echo', requestHeaders: { 'X-Revision': 'web-r1' } };
    const { ok, evidence } = await ask({ ...asked, bodyMatches: '"x-revision","web-r2"' }, shared);
    assert.ok(ok, evidence);
    assert.equal((await ask({ ...asked, bodyMatches: 'web-r1|targetGroupArn' }, shared)).ok, false);
  });

  it('sends headers as they are written, Host too', async () => {
    assert.equal((await ask({ path: '/picky', requestHeaders: { Host: 'shop.example' } })).ok, true);
    const { evidence } = await ask({
      path: '/echo',
      method: 'POST',
      requestHeaders: { Host: 'shop.example', 'X-Odd-Case': 'yes', 'Content-Type': 'application/json' },
      requestBody: '{"ä": 1}\n',
      status: [500],
    });
    assert.match(evidence, /^POST http:\/\/127.0.0.1:\d+\/echo \(Host: shop.example\) answered 200, wanted 500/);
    const headers = ['Host', 'shop.example', 'X-Odd-Case', 'yes', 'User-Agent', 'supplant-check'];
    const json = [
      { path: '$.method', equals: 'POST' },
      { path: '$.body', equals: '{"ä": 1}\n' },
      { path: '$.rawHeaders', equals: [...headers, 'Connection', 'close', 'Content-Length', '10'] },
    ];
    const requestHeaders = { Host: 'shop.example', 'X-Odd-Case': 'yes' };
    const sent = await ask({ path: '/echo', method: 'POST', requestBody: '{"ä": 1}\n', requestHeaders, json });
    assert.equal(sent.ok, true, sent.evidence);
  });

  it('satisfies or explains a redirect to https', async () => {
    const { evidence } = await ask({ path: '/secure' });
    assert.match(evidence, /answered 301, wanted 200; redirects to "https:.*X-Forwarded-Proto: https/);
    assert.equal((await ask({ path: '/secure', requestHeaders: { 'X-Forwarded-Proto': 'https' } })).ok, true);
  });

  it('follows redirects within the endpoint, and no others', async () => {
    const followed = await ask({ path: '/login', follow: true, bodyContains: 'welcome' });
    assert.equal(followed.ok, true, followed.evidence);
    assert.match(followed.evidence, /\/login, then \/welcome\?from=login answered 200/);
    assert.match((await ask({ path: '/login' })).evidence, /redirects to \/welcome\?from=login; follow: true would go/);
    assert.equal((await ask({ path: '/login', status: [302] })).ok, true);
    const host = { Host: 'shop.example' };
    assert.equal((await ask({ path: '/named', follow: true, requestHeaders: host })).ok, true);
    assert.match((await ask({ path: '/named', follow: true })).evidence, /shop.example.*, which is not this endpoint/);
    const away = await ask({ path: '/away', follow: true, status: [200, 302] });
    assert.equal(away.ok, false);
    assert.match(away.evidence, /redirects to "http:\/\/elsewhere.example\/", which is not this endpoint$/);
    assert.match((await ask({ path: '/round', follow: true })).evidence, /redirects more than 10 times$/);
    const json = [
      { path: '$.method', equals: 'GET' },
      { path: '$.body', equals: '' },
    ];
    const other = await ask({ path: '/sent', method: 'PUT', requestBody: 'x', follow: true, json });
    assert.equal(other.ok, true, other.evidence);
  });

  it('knows headers that come several times', async () => {
    const path = '/cookies';
    const pass = async (name: string, match: HttpCheck['responseHeaders'][string]): Promise<boolean> =>
      (await ask({ path, responseHeaders: { [name]: match } })).ok;
    assert.equal(await pass('set-cookie', { equals: 'sid=x7; HttpOnly' }), true);
    assert.equal(await pass('set-cookie', { matches: '^sid=\\w+; HttpOnly$' }), true);
    assert.equal(await pass('set-cookie', { contains: 'b=1' }), false);
    assert.equal(await pass('vary', { equals: 'a, b' }), true);
    const { evidence } = await ask({ path, responseHeaders: { 'set-cookie': { contains: 'no' } } });
    assert.match(evidence, /sent set-cookie: a=1; Path=\/ and sid=x7; HttpOnly, wanted something with no$/);
  });

  const assertions: [NonNullable<HttpCheck['json']>[number], RegExp | undefined][] = [
    [{ path: '$.status', equals: 'ok' }, undefined],
    [{ path: '$.status' }, undefined],
    [{ path: "$['a b']", equals: null }, undefined],
    [{ path: '$.parts[*].up', equals: true }, undefined],
    [{ path: '$.parts', equals: [{ up: true }, { up: true }] }, undefined],
    [{ path: '$.version', matches: '^2\\.' }, undefined],
    [{ path: '$.status', equals: 'down' }, /sent JSON with "ok" at \$.status, wanted "down"; its body: "/],
    [{ path: '$.version', matches: '^3' }, /sent JSON with "2.1.0" at \$.version, wanted something that matches \^3/],
    [{ path: '$.nope' }, /sent JSON without \$.nope/],
    [{ path: '$.parts[?@.up == false]' }, /sent JSON without/],
    [{ path: "$[?match(@, '(a+)+')]" }, /sent JSON without/],
  ];
  for (const [assertion, fault] of assertions) {
    it(`judges JSON by ${JSON.stringify(assertion)}`, async () => {
      const { ok, evidence } = await ask({ path: '/json', json: [assertion] });
      assert.equal(ok, fault === undefined, evidence);
      if (fault) assert.match(evidence, fault);
    });
  }

  it('judges a body by a regular expression, and says when it is no JSON', async () => {
    assert.equal((await ask({ bodyMatches: '(?i)^WEL' })).ok, true);
    assert.match((await ask({ bodyMatches: '^x' })).evidence, /a body that does not match \^x; its body: "welcome"$/);
    assert.match((await ask({ json: [{ path: '$' }] })).evidence, /sent no JSON; its body: "welcome"$/);
  });

  it('reads no more than a mebibyte, and says how far a slow answer came', async () => {
    assert.equal((await ask({ path: '/huge' })).ok, true);
    assert.match((await ask({ path: '/huge', bodyContains: 'y' })).evidence, /without "y" in its first 1024 KiB/);
    // Time enough for what comes of it to come on a busy machine.
    const slow = check({ path: '/events', timeoutMs: 1_000 });
    const { evidence } = await attemptHttp(slow, endpoint, AbortSignal.timeout(slow.timeoutMs));
    assert.match(evidence, /answered 200 and 9 bytes, but did not come to an end within 1000 ms$/);
  });

  it('speaks TLS, and takes an unknown certificate only when told to', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'supplant-check-tls-'));
    const names: (string | false)[] = [];
    let secure: Server | undefined;
    try {
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      await promisify(execFile)('openssl', [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
        ...['-keyout', key, '-out', cert, '-subj', '/CN=shop.example'],
      ]);
      const pair = { key: await readFile(key), cert: await readFile(cert) };
      const SNICallback = (name: string, done: (error: null) => void): void => {
        names.push(name);
        done(null);
      };
      secure = createTls({ ...pair, SNICallback }, (request, response) => void answer(request, response));
      const at = await listen(secure);
      assert.match((await ask({ tls: {} }, at)).evidence, /^GET https:.* failed: self-signed certificate/);
      assert.equal((await ask({ tls: { insecure: true } }, at)).ok, true);
      assert.deepEqual(names, []);
      const host = { Host: 'shop.example:443' };
      assert.equal((await ask({ tls: { insecure: true }, requestHeaders: host }, at)).ok, true);
      assert.equal((await ask({ tls: { insecure: true, serverName: 'other.example' } }, at)).ok, true);
      assert.deepEqual(names, ['shop.example', 'other.example']);
      assert.match((await ask({ tls: {} })).evidence, /there is no TLS to speak to/);
    } finally {
      secure?.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
