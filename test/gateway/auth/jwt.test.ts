import assert from 'node:assert/strict';
import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose';
import type { AccessAuthenticator, Identity } from '../../../src/gateway/auth/auth.ts';
import type { AccessConfig, JwtConfig } from '../../../src/gateway/auth/config.ts';
import { ConfiguredAuthenticator } from '../../../src/gateway/auth/configured.ts';
import { createAuthenticator } from '../../../src/gateway/auth/create-authenticator.ts';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import { Issuer, signingKey } from './issuer.ts';

type Changes = Partial<Omit<JwtConfig, 'jwks'>> & { jwks?: string | undefined };
const BY_DISCOVERY: Changes = { jwks: undefined };
const web = { name: 'web', environment: 'production' };

describe('JWTs of an issuer', () => {
  const issuer = new Issuer();
  let key: Awaited<ReturnType<typeof signingKey>>;
  let open: AccessAuthenticator[] = [];

  before(async () => {
    key = await signingKey('one');
    await issuer.start();
  });
  beforeEach(() => {
    issuer.publish(key);
    issuer.fetches = 0;
    issuer.trouble = undefined;
    issuer.claimedIssuer = undefined;
  });
  afterEach(async () => {
    await Promise.all(open.map((one) => one.close()));
    open = [];
  });
  after(() => issuer.stop());

  function authenticator(more: Changes = {}, timing = {}): AccessAuthenticator {
    const jwt = {
      issuer: issuer.url,
      audience: ['supplant'],
      jwks: `${issuer.url}/keys`,
      algorithms: ['ES256', 'RS256'],
      subjectClaim: 'sub',
      clockToleranceMs: 2000,
      ...more,
    };
    const { jwks, ...found } = jwt;
    const bindings: AccessConfig['bindings'] = [
      { subjects: ['jwt:ann'], role: 'viewer', services: ['*/*'] },
      { subjects: ['group:ops'], role: 'deployer', services: ['web/*'] },
    ];
    const config = { tokens: [], jwt: jwks === undefined ? found : { ...found, jwks }, bindings, separateApprover: [] };
    const made = createAuthenticator(config, {
      host: '0.0.0.0',
      tls: true,
      issuerTiming: { timeoutMs: 2000, ...timing },
    });
    open.push(made);
    return made;
  }

  function show(to: AccessAuthenticator, token: string): Promise<Identity> {
    return to.authenticate({ authorization: `Bearer ${token}`, certificate: undefined, claimed: 'token:root' });
  }

  it('are still checked with the keys that were fetched once the rules are replaced, and with others of another issuer', async () => {
    const made = authenticator();
    assert.ok(made instanceof ConfiguredAuthenticator);
    const token = await issuer.sign(key);
    await show(made, token);
    const jwt = {
      ...{ issuer: issuer.url, audience: ['supplant'], jwks: `${issuer.url}/keys`, algorithms: ['ES256', 'RS256'] },
      ...{ subjectClaim: 'sub', clockToleranceMs: 2000 },
    };
    const rules: AccessConfig = { tokens: [], jwt, bindings: [], separateApprover: [] };
    issuer.trouble = 'status';
    made.replace(rules);
    assert.deepEqual((await show(made, token)).bindings, []);
    assert.equal(issuer.fetches, 1);
    made.replace({ ...rules, jwt: { ...jwt, jwks: `${issuer.url}/other-keys` } });
    await assert.rejects(show(made, token), { name: 'ApiError', reason: 'UNAVAILABLE' });
  });

  async function refused(token: string, message: RegExp, to = authenticator()): Promise<void> {
    await assert.rejects(show(to, token), (error: Error) => {
      assert.equal(error.name, 'UnauthenticatedError');
      assert.match(error.message, message);
      const parts = token.split('.').filter((part) => part !== '');
      assert.ok(!parts.some((part) => error.message.includes(part)), 'the message holds a part of the token');
      return true;
    });
  }

  it('prove who the caller is, by the keys that discovery leads to or the file names', async () => {
    for (const to of [authenticator(), authenticator(BY_DISCOVERY)]) {
      const { name, via, refusal } = await show(to, await issuer.sign(key));
      assert.deepEqual({ name, via }, { name: 'jwt:ann', via: 'jwt' });
      assert.equal(refusal('view', web), undefined);
      assert.match(refusal('deploy', web) ?? '', /^deploy on web\/production needs/);
    }
  });

  it('take subject and groups from the claims that the file names', async () => {
    const to = authenticator({ subjectClaim: 'email', groupsClaim: 'teams' });
    const token = await issuer.sign(key, { email: 'bob@example.com', teams: ['dev', 'ops', 7] });
    const { name, refusal } = await show(to, token);
    assert.equal(name, 'jwt:bob@example.com');
    assert.equal(refusal('deploy', web), undefined);
    assert.ok(refusal('deploy', { name: 'shop', environment: 'production' }));
    const ungrouped = await show(authenticator({ subjectClaim: 'email' }), token);
    assert.deepEqual(ungrouped.bindings, []);
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  const wrongClaims: [string, () => Record<string, unknown>, RegExp][] = [
    ['expired', () => ({ exp: now() - 60 }), /has expired \(at 20/],
    ['without an end', () => ({ exp: undefined }), /lacks the claim exp/],
    ['not valid yet', () => ({ nbf: now() + 60 }), /not valid yet \(before 20/],
    ['of another issuer', () => ({ iss: 'https://other.example' }), /another issuer; accepted: http:/],
    ['without an issuer', () => ({ iss: undefined }), /lacks the claim iss/],
    ['for another audience', () => ({ aud: ['shop', 'supplant2'] }), /another audience; accepted: supplant$/],
    ['without an audience', () => ({ aud: undefined }), /lacks the claim aud/],
    ['about nobody', () => ({ sub: undefined }), /lacks the claim sub/],
    ['about an empty name', () => ({ sub: '' }), /names nobody/],
    ['about a name with a line break', () => ({ sub: 'ann\nroot' }), /characters that do not show/],
    ['about a name that turns its direction', () => ({ sub: 'ann\u202e' }), /characters that do not show/],
    ['about a name without end', () => ({ sub: 'a'.repeat(257) }), /longer than 256/],
    ['with an end that is no number', () => ({ exp: 'tomorrow' }), /exp is wrong/],
  ];
  for (const [what, claims, message] of wrongClaims) {
    it(`are refused when ${what}`, async () => refused(await issuer.sign(key, claims()), message));
  }

  it('may be off by the clock tolerance', async () => {
    const to = authenticator({ clockToleranceMs: 60_000 });
    await show(to, await issuer.sign(key, { exp: now() - 30, nbf: now() + 30 }));
    await refused(await issuer.sign(key, { exp: now() - 90 }), /expired/, to);
  });

  it('are refused without a signature', async () => {
    const claims = { iss: issuer.url, aud: 'supplant', sub: 'ann', exp: now() + 60 };
    await refused(new UnsecuredJWT(claims).encode(), /algorithm that is not accepted; accepted: ES256, RS256/);
    const [header, payload] = (await issuer.sign(key)).split('.');
    await refused(`${header}.${payload}.`, /signature is wrong|neither/);
  });

  it('are refused when signed with the public key as if it were a shared secret', async () => {
    const rsa = await signingKey('rsa', 'RS256');
    issuer.publish(rsa);
    const secrets = [await exportSPKI(rsa.publicKey), JSON.stringify(rsa.jwk), rsa.jwk.n ?? ''];
    for (const secret of secrets) {
      const forged = await new SignJWT({ iss: issuer.url, aud: 'supplant', sub: 'ann', exp: now() + 60 })
        .setProtectedHeader({ alg: 'HS256', kid: 'rsa' })
        .sign(new TextEncoder().encode(secret));
      await refused(forged, /algorithm that is not accepted/);
    }
  });

  it('are refused when an accepted algorithm does not fit the key', async () => {
    const rsa = await signingKey(key.kid, 'RS256');
    await refused(await issuer.sign(rsa), /publishes no such key/);
  });

  it('are refused when the algorithm is right, but not accepted here', async () => {
    await refused(await issuer.sign(key), /accepted: RS256$/, authenticator({ algorithms: ['RS256'] }));
  });

  it('are refused when signed by somebody else under a known or an unknown name', async () => {
    await refused(await issuer.sign(await signingKey('one')), /signature is wrong/);
    await refused(await issuer.sign(await signingKey('two')), /publishes no such key/);
  });

  it('are refused when a claim was changed afterwards', async () => {
    const [header, , signature] = (await issuer.sign(key)).split('.');
    const [, payload] = (await issuer.sign(key, { sub: 'root' })).split('.');
    await refused(`${header}.${payload}.${signature}`, /signature is wrong/);
  });

  it('need no kid where there is one key, and name theirs where there are more', async () => {
    const token = await issuer.sign(key, {}, { kid: undefined });
    assert.equal((await show(authenticator(), token)).name, 'jwt:ann');
    issuer.publish(key, await signingKey('two'));
    await refused(token, /does not say which key/);
  });

  it('of one issuer are checked with keys fetched once', async () => {
    const to = authenticator();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.sign(key)));
    await Promise.all(tokens.map((token) => show(to, token)));
    await show(to, await issuer.sign(key));
    assert.equal(issuer.fetches, 1);
  });

  it('signed with a new key are taken, and those with the withdrawn one no longer', async () => {
    const to = authenticator({}, { cooldownMs: 0 });
    await show(to, await issuer.sign(key));
    const next = await signingKey('two');
    issuer.publish(next);
    assert.equal((await show(to, await issuer.sign(next))).name, 'jwt:ann');
    await refused(await issuer.sign(key), /publishes no such key/, to);
  });

  it('with made-up keys do not make the issuer be asked each time', async () => {
    const to = authenticator();
    await show(to, await issuer.sign(key));
    for (const kid of ['a', 'b', 'c']) await refused(await issuer.sign(key, {}, { kid }), /publishes no such key/, to);
    assert.equal(issuer.fetches, 1);
  });

  async function unavailable(to: AccessAuthenticator, token: string): Promise<void> {
    await assert.rejects(show(to, token), (error) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.reason, 'UNAVAILABLE');
      assert.match(
        error.message,
        /^the token cannot be checked now: the issuer http:\/\/127\S+ does not give its keys$/,
      );
      return true;
    });
  }

  for (const trouble of ['silent', 'status', 'garbage', 'redirect', 'empty'] as const) {
    for (const more of [{}, BY_DISCOVERY]) {
      const what = more === BY_DISCOVERY ? 'discovery' : 'keys';
      it(`are neither taken nor refused while the issuer is in trouble (${trouble}, ${what}), and taken after`, async () => {
        const to = authenticator(more, { timeoutMs: 1000 });
        issuer.trouble = trouble;
        const token = await issuer.sign(key);
        await unavailable(to, token);
        issuer.trouble = undefined;
        assert.equal((await show(to, token)).name, 'jwt:ann');
      });
    }
  }

  it('are neither taken nor refused while nobody answers at the issuer', async () => {
    const away = new Issuer();
    await away.start();
    const address = away.url;
    const token = await issuer.sign(key, { iss: address });
    await away.stop();
    await unavailable(authenticator({ issuer: address, jwks: `${address}/keys` }), token);
  });

  it('are not checked with the keys of who only says to be the issuer', async () => {
    issuer.claimedIssuer = 'https://other.example';
    await unavailable(authenticator(BY_DISCOVERY), await issuer.sign(key));
  });

  it('stop being checked when the gateway closes', async () => {
    issuer.trouble = 'silent';
    const to = authenticator({}, { timeoutMs: 3_600_000 });
    const answer = unavailable(to, await issuer.sign(key));
    await to.close();
    await answer;
  });
});
