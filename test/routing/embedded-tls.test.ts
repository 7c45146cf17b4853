import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { EmbeddedRouter } from '../../src/routing/embedded/client.ts';
import { RouterUnreachableError } from '../../src/routing/router.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { ask } from '../contract/http.ts';
import { routerContract } from '../contract/router.ts';
import { startUpstream } from '../contract/upstream.ts';
import { Authority } from '../gateway/auth/authority.ts';
import { kill, RouterHome } from './router-process.ts';
import { ON_LOOPBACK, TlsHome, generateToken, hashToken } from './tls-home.ts';

const WEB = { name: 'web', environment: 'production' };
routerContract('embedded, over TLS', async () => {
  const tls = await TlsHome.make();
  await tls.start();
  return { router: tls.client(), startUpstream, tolerance: 0, dispose: () => tls.dispose() };
});

describe('embedded router’s orders over the network', () => {
  let tls: TlsHome;

  beforeEach(async () => {
    tls = await TlsHome.make();
  });

  afterEach(() => tls.dispose());

  const refused = async (client: EmbeddedRouter, why: RegExp): Promise<void> =>
    assert.rejects(client.observe(WEB), (error) => {
      assert.ok(error instanceof RouterUnreachableError, String(error));
      assert.match(error.message, /^the router at https:\/\/127\.0\.0\.1:\d+ /);
      assert.match(error.message, why);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });

  it('are taken of a client with a certificate of the authority that was named', async () => {
    const other = await Authority.make('Another');
    try {
      await tls.start(['--client-ca', tls.authority.file]);
      assert.deepEqual(await tls.client(await tls.pair()).observeAll(), []);
      await refused(
        tls.client(await tls.pair(other)),
        /takes no orders from here: the client certificate is not accepted/,
      );
      await refused(tls.client({}), /without a client certificate$/);
      await refused(tls.client(), /it wants a client certificate, and knows no tokens$/);
    } finally {
      await other.remove();
    }
  });

  it('are refused with a wrong token, without one, and with one whose time is over', async () => {
    const old = generateToken();
    await tls.write('tokens', `${hashToken(tls.token)}\n${old} 2020-01-31T00:00:00Z\n`);
    await tls.start();
    assert.deepEqual(await tls.client().observeAll(), []);
    await refused(tls.client({}), /takes no orders from here: the order came without a token or client certificate$/);
    await refused(
      tls.client({ tokenFile: await tls.write('old', old) }),
      /the token expired at 2020-01-31T00:00:00.000Z$/,
    );
    await refused(tls.client({ tokenFile: await tls.write('wrong', generateToken()) }), /the token is not known here/);
    await refused(tls.client({ tokenFile: await tls.write('empty', '\n') }), /empty holds no token/);
    await refused(tls.client({ tokenFile: tls.file('nowhere') }), /ENOENT/);
  });

  it('are taken with a token that was replaced on both sides, on the connection there is', async () => {
    await tls.start();
    const client = tls.client();
    assert.deepEqual(await client.observeAll(), []);
    const next = generateToken();
    await tls.write('tokens', next);
    await refused(client, /the token is not known here/);
    await tls.write('token', next);
    assert.deepEqual(await client.observeAll(), []);
    await rm(tls.file('tokens'));
    await refused(client, /its file of tokens cannot be used/);
  });

  it('go to no router whose certificate proves nothing', async () => {
    const other = await Authority.make('Another');
    try {
      await tls.start();
      await refused(tls.client({ tokenFile: tls.file('token'), caFile: other.file }), /SUPPLANT_ROUTER_CA/);
    } finally {
      await other.remove();
    }
  });

  it('go to no router that has another name than its certificate', async () => {
    await tls.certify(['subjectAltName=DNS:router.example']);
    await tls.start();
    await refused(tls.client(), /SUPPLANT_ROUTER has to name the router as its certificate does/);
  });

  it('are not served with files that were taken for one another, which are named', async () => {
    const swapped = ['--tls-cert', tls.file('router.key'), '--tls-key', tls.file('router.pem')];
    const access = ['--token-file', tls.file('tokens')];
    const { code, errors } = await tls.home.startAndEnd(['--admin', '127.0.0.1:0', ...swapped, ...access]);
    assert.equal(code, 1);
    assert.match(errors, /^router: \S+router\.key has to hold a certificate, \S+router\.pem its key, all PEM: /);
  });

  it('are served with a certificate that was renewed, without a restart', async () => {
    await tls.certify(ON_LOOPBACK, -1);
    await tls.start();
    await refused(tls.client(), /has to be renewed/);
    await tls.certify();
    const renewed = await waitUntil(10_000, async () =>
      tls
        .client()
        .observeAll()
        .then(
          () => true,
          () => false,
        ),
    );
    assert.ok(renewed);
  });

  it('are not taken in the clear, and the port says so', async () => {
    await tls.start();
    const request = httpRequest({ host: '127.0.0.1', port: tls.home.adminPort, path: '/routes' }).end();
    const [reply] = (await once(request, 'response')) as [IncomingMessage];
    assert.equal(reply.statusCode, 400);
    assert.match(await text(reply), /this port speaks TLS/);
  });

  it('go to nothing that does not speak TLS', async () => {
    const clear = createServer((_request, reply) => reply.end());
    await once(clear.listen(0, '127.0.0.1'), 'listening');
    const { port } = clear.address() as AddressInfo;
    const client = new EmbeddedRouter({ url: `https://127.0.0.1:${port}`, tokenFile: tls.file('token') });
    await refused(client, /does not speak TLS/).finally(() => client.close());
    await once(clear.close(), 'close');
  });

  const faults: [string, (tls: TlsHome) => string[], RegExp][] = [
    ['no certificate', () => ['--admin', '127.0.0.1:0', '--token-file', 'x'], /--admin needs --tls-cert and --tls-key/],
    [
      'nobody who may give orders',
      (home) => ['--admin', ':0', '--tls-cert', home.file('router.pem'), '--tls-key', home.file('router.key')],
      /needs --token-file or --client-ca/,
    ],
    ['a token file without an address', () => ['--token-file', 'x'], /--admin HOST:PORT, which is missing/],
    ['every address, and no name to call it by', () => ['--listen', '0.0.0.0'], /--address is missing/],
    ['a network that is none', () => ['--trust-proxy', '10.0.0.0/33'], /--trust-proxy 10\.0\.0\.0\/33 is no address/],
  ];
  for (const [what, options, message] of faults) {
    it(`are not offered with ${what}`, async () => {
      const { code, errors } = await tls.home.startAndEnd(options(tls));
      assert.equal(code, 1);
      assert.match(errors, message);
    });
  }

  it('are not offered with a file of tokens that anybody could guess, or that cannot be read', async () => {
    const files = ['--tls-cert', tls.file('router.pem'), '--tls-key', tls.file('router.key')];
    await tls.write('tokens', `short\n${generateToken()} soon\n`);
    const { errors } = await tls.home.startAndEnd(['--admin', ':0', ...files, '--token-file', tls.file('tokens')]);
    assert.match(errors, /tokens:1: a token has 32 characters or more.*tokens:2: the time of a token’s end is written/);
    assert.doesNotMatch(errors, /short/);
  });
});

describe('embedded router’s clients on other machines', () => {
  /** An address of this machine that is not loopback's: whoever uses it comes from elsewhere, as far as the router knows. */
  const elsewhere = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
  let home: RouterHome;

  beforeEach(async () => {
    home = await RouterHome.make();
  });

  afterEach(() => home.dispose());

  async function seen(options: string[], from: string, generation = 1): Promise<Record<string, string>> {
    const child = await home.start(options);
    const [router, upstream] = [home.client(), await startUpstream('one')];
    try {
      const targets = [{ revision: 1, endpoints: [upstream.endpoint], weight: 100 }];
      const { address } = await router.apply({ service: WEB, generation, targets });
      const forged = { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https', forwarded: 'for=6.6.6.6' };
      const { body } = await ask({ host: from, port: address.port }, { headers: forged });
      const { headers } = JSON.parse(body) as { headers: Record<string, string> };
      return { ...headers, address: address.host };
    } finally {
      await Promise.all([router.close(), upstream.stop()]);
      await kill(child);
    }
  }

  it('reach it where it was told to listen, and cannot say where they come from', async function () {
    if (elsewhere === undefined) return this.skip();
    const headers = await seen(['--listen', '0.0.0.0', '--address', 'router.example'], elsewhere);
    assert.equal(headers.address, 'router.example');
    assert.deepEqual([headers['x-forwarded-for'], headers['x-forwarded-proto']], [elsewhere, 'http']);
    assert.equal(headers.forwarded, undefined);
    const trusting = ['--listen', '0.0.0.0', '--address', 'router.example', '--trust-proxy', `${elsewhere}/31`];
    const trusted = await seen(trusting, elsewhere, 2);
    assert.deepEqual([trusted['x-forwarded-for'], trusted['x-forwarded-proto']], [`6.6.6.6, ${elsewhere}`, 'https']);
  });

  it('on this machine may, as a TLS terminator does', async () => {
    const headers = await seen([], '127.0.0.1');
    assert.equal(headers.address, '127.0.0.1');
    assert.deepEqual([headers['x-forwarded-for'], headers['x-forwarded-proto']], ['6.6.6.6, 127.0.0.1', 'https']);
  });
});
