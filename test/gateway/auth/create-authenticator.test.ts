import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { AccessAuthenticator, Presented } from '../../../src/gateway/auth/auth.ts';
import { parseAccess } from '../../../src/gateway/auth/file/parse.ts';
import { isLoopback } from '../../../src/host/loopback.ts';
import { createAuthenticator, EXAMPLE_ACCESS_FILE } from '../../../src/gateway/auth/create-authenticator.ts';
import { obtainLocalToken } from '../../../src/gateway/auth/local-token.ts';
import { generateToken } from '../../../src/gateway/auth/tokens.ts';
import { createToken } from '../../../src/gateway/auth/create-token.ts';
import { UnauthenticatedError } from '../../../src/gateway/auth/authenticator.ts';
import { ACCESS_VERBS } from '../../../src/domain/access.ts';
import { Issuer, signingKey } from './issuer.ts';

const web = { name: 'web', environment: 'production' };
const nothing: Presented = { authorization: undefined, certificate: undefined, claimed: undefined };

describe('a gateway without an access file', () => {
  const local = { token: generateToken(), file: '/data/api.token' };
  const authorization = `Bearer ${local.token}`;

  for (const host of ['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', '::ffff:127.0.0.1']) {
    it(`lets whoever has the token do everything on ${host}, under the name they claim`, async () => {
      const authenticator = createAuthenticator(undefined, { host, tls: false, local });
      const presented = { ...nothing, authorization, remoteAddress: '::ffff:127.0.0.1', host: 'localhost:7700' };
      const { name, via, refusal } = await authenticator.authenticate({ ...presented, claimed: 'ann' });
      assert.deepEqual({ name, via }, { name: 'ann', via: 'local' });
      for (const verb of ACCESS_VERBS) assert.equal(refusal(verb, web) ?? refusal(verb), undefined, verb);
      assert.equal((await authenticator.authenticate(presented)).name, 'local');
    });
  }

  for (const host of [
    '0.0.0.0',
    '::',
    '192.168.1.7',
    '128.0.0.1',
    'example.com',
    '127.0.0.1.example.com',
    '',
    '::127.0.0.1',
  ]) {
    it(`does not start on '${host}', and says what to write`, () => {
      const start = (): unknown => createAuthenticator(undefined, { host, tls: true, local });
      assert.throws(start, (error: Error) => {
        assert.equal(error.name, 'AccessConfigError');
        assert.match(error.message, /nothing says who may do what; listen on 127\.0\.0\.1, or/);
        return error.message.endsWith(EXAMPLE_ACCESS_FILE);
      });
    });
  }

  it('says to write what is right once the hash is in it', () => {
    const { hash } = createToken({ name: 'ci', role: 'deployer' });
    const parsed = parseAccess(EXAMPLE_ACCESS_FILE.replace('sha256:HASH', hash), () => '');
    assert.ok(parsed.ok);
    assert.ok(!parseAccess(EXAMPLE_ACCESS_FILE, () => '').ok, 'the example must not work for everybody');
  });

  it('answers nobody from elsewhere, and no page under a name that leads here', async () => {
    const authenticator = createAuthenticator(undefined, { host: '127.0.0.1', tls: false, local });
    for (const more of [
      {},
      { remoteAddress: '10.0.0.7', host: 'localhost' },
      { host: 'rebound.example:7700' },
      { host: '127.0.0.1.example' },
    ]) {
      await assert.rejects(authenticator.authenticate({ ...nothing, authorization, ...more }), UnauthenticatedError);
    }
    for (const host of ['127.0.0.1:7700', '[::1]:7700', 'LOCALHOST']) {
      assert.equal((await authenticator.authenticate({ ...nothing, authorization, host })).via, 'local');
    }
  });

  it('answers nobody without the token, on this machine either', async () => {
    const authenticator = createAuthenticator(undefined, { host: '127.0.0.1', tls: false, local });
    const here = { ...nothing, claimed: 'root', remoteAddress: '127.0.0.1', host: '127.0.0.1:7700' };
    await assert.rejects(authenticator.authenticate(here), { name: 'UnauthenticatedError', message: /api\.token/ });
    for (const shown of [generateToken(), '', local.token.slice(0, -1)]) {
      await assert.rejects(
        authenticator.authenticate({ ...here, authorization: `Bearer ${shown}` }),
        UnauthenticatedError,
      );
    }
  });

  it('tells loopback addresses from others', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => isLoopback(address) === address.startsWith('127.')));
  });
});

describe("a data folder's token", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'supplant-token-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('is made once, for its owner alone to read, whoever asks and however often', async () => {
    const file = join(folder, 'new', 'api.token');
    const made = await Promise.all(Array.from({ length: 8 }, () => obtainLocalToken(file)));
    assert.equal(new Set(made.map(({ token }) => token)).size, 1);
    assert.deepEqual(await obtainLocalToken(file), made[0]);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('is not replaced where something else stands in its place', async () => {
    const file = join(folder, 'api.token');
    await writeFile(file, 'secret\n');
    await assert.rejects(obtainLocalToken(file), { name: 'AccessConfigError', message: /remove it/ });
  });
});

describe('a gateway with access control', () => {
  const { token, hash } = createToken({ name: 'ci', role: 'deployer' });
  const tokens = [{ name: 'ci', hash }];
  const bindings = [{ subjects: ['token:ci'], role: 'deployer' as const, services: ['web/*'] }];

  it('asks for it on loopback too, and heeds no claimed name', async () => {
    const config = { tokens, bindings, separateApprover: ['*/*'] };
    const authenticator = createAuthenticator(config, { host: '127.0.0.1', tls: false });
    const claimed = { ...nothing, claimed: 'ann', remoteAddress: '127.0.0.1' };
    await assert.rejects(authenticator.authenticate(claimed), {
      name: 'UnauthenticatedError',
      message: "send a token, as 'Authorization: Bearer TOKEN'",
    });
    const { name, refusal } = await authenticator.authenticate({ ...claimed, authorization: `bearer  ${token}` });
    assert.equal(name, 'token:ci');
    assert.equal(refusal('deploy', web), undefined);
    assert.match(
      refusal('approve', web) ?? '',
      /needs the role approver or admin there; you have deployer on web\/\*$/,
    );
    assert.match(refusal('deploy', { ...web, name: 'shop' }) ?? '', /^deploy on shop\/production needs/);
  });

  it('knows who may not approve their own', async () => {
    const admin = [{ subjects: ['*'], role: 'admin' as const, services: ['*/*'] }];
    const config = { tokens, bindings: admin, separateApprover: ['*/production'] };
    const authenticator = createAuthenticator(config, { host: '0.0.0.0', tls: false });
    const caller = await authenticator.authenticate({ ...nothing, authorization: `Bearer ${token}` });
    assert.match(caller.refusal('approve', web, 'token:ci') ?? '', /somebody else has to approve it$/);
    assert.match(caller.refusal('approve', web) ?? '', /somebody unknown asked/);
    assert.equal(caller.refusal('approve', web, 'jwt:ann'), undefined);
  });

  it('does not start when clients could never show their certificates', () => {
    const config = { tokens, bindings, separateApprover: [], certificates: { ca: '', subject: 'dns' as const } };
    assert.throws(() => createAuthenticator(config, { host: '0.0.0.0', tls: false }), {
      name: 'AccessConfigError',
      message: /over TLS only/,
    });
  });
});

describe('hostile Authorization headers', () => {
  const issuer = new Issuer();
  let authenticator: AccessAuthenticator;
  let signed: string;
  const { token, hash } = createToken({ name: 'ci', role: 'deployer' });

  before(async () => {
    await issuer.start();
    const key = await signingKey('one');
    issuer.publish(key);
    signed = await issuer.sign(key);
    const jwt = {
      issuer: issuer.url,
      audience: ['supplant'],
      algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
      subjectClaim: 'sub',
      clockToleranceMs: 0,
    };
    const config = { tokens: [{ name: 'ci', hash }], jwt, bindings: [], separateApprover: [] };
    authenticator = createAuthenticator(config, { host: '0.0.0.0', tls: true });
    assert.equal((await authenticator.authenticate({ ...nothing, authorization: `Bearer ${signed}` })).name, 'jwt:ann');
  });
  after(async () => {
    await authenticator.close();
    await issuer.stop();
  });

  const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = fc.record(
    {
      alg: fc.constantFrom<unknown>(
        'ES256',
        'RS256',
        'PS256',
        'EdDSA',
        'none',
        'HS256',
        '',
        7,
        null,
        ['ES256'],
        '__proto__',
      ),
      kid: fc.constantFrom<unknown>('one', 'two', '', 7, null, '__proto__'),
      typ: fc.constantFrom<unknown>('JWT', 'at+jwt', 7),
      crit: fc.constantFrom<unknown>(['exp'], [], 'b64', ['b64']),
      b64: fc.constantFrom<unknown>(true, false, 'no'),
      jku: fc.constant('http://127.0.0.1:1/keys'),
      jwk: fc.constant({ kty: 'oct', k: 'AAAA' }),
      zip: fc.constant('DEF'),
    },
    { requiredKeys: [] },
  );
  const jwtLike = fc
    .tuple(
      fc.oneof(header.map(base64), fc.base64String()),
      fc.oneof(fc.jsonValue().map(base64), fc.string()),
      fc.string(),
    )
    .map((parts) => parts.join('.'));
  const headers = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .tuple(fc.constantFrom('Bearer ', 'bearer  ', 'Basic ', 'Bearer\t', 'Bearer'), fc.string())
      .map((two) => two.join('')),
    jwtLike.map((text) => `Bearer ${text}`),
    // A real one with a character replaced, so that most of the way is gone.
    fc
      .tuple(fc.constantFrom('ours', 'jwt'), fc.nat(), fc.stringMatching(/^[A-Za-z0-9._-]$/))
      .map(([which, at, other]) => {
        const real = which === 'ours' ? token : signed;
        return `Bearer ${real.slice(0, at % real.length)}${other}${real.slice((at % real.length) + 1)}`;
      }),
    fc.nat(40_000).map((length) => `Bearer ${'a.'.repeat(length)}`),
    fc.nat(40_000).map((length) => `Bearer${' '.repeat(length)}`),
  );

  it('are refused, and nothing else happens', async () => {
    const property = fc.asyncProperty(headers, async (authorization) => {
      const outcome = await authenticator.authenticate({ ...nothing, authorization }).catch((error: unknown) => error);
      if (authorization === `Bearer ${token}` || authorization === `Bearer ${signed}`) return;
      // The last character of base64 has bits that do not count, and jose reads both alike.
      if (authorization.slice(7, -1) === signed.slice(0, -1)) return;
      assert.ok(outcome instanceof UnauthenticatedError, `${JSON.stringify(authorization)} led to ${String(outcome)}`);
      assert.ok(outcome.message !== '' && outcome.message.length < 300);
    });
    await fc.assert(property, { numRuns: 1500 });
    assert.equal(issuer.fetches, 1);
  });
});
