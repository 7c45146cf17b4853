import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { createToken } from '../../../src/gateway/auth/create-token.ts';
import { findToken, hashToken, isToken } from '../../../src/gateway/auth/tokens.ts';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import { UnauthenticatedError } from '../../../src/gateway/auth/authenticator.ts';

describe('static tokens', () => {
  const made = createToken({ name: 'ci', role: 'deployer' });

  it('are 256 random bits behind a prefix, no two alike', () => {
    const tokens = new Set(Array.from({ length: 200 }, () => createToken({ name: 'ci', role: 'viewer' }).token));
    assert.equal(tokens.size, 200);
    for (const token of tokens) {
      assert.ok(isToken(token));
      assert.equal(Buffer.from(token.slice('supplant_'.length), 'base64url').length, 32);
    }
  });

  it('are known by their hash, which tells nothing of them', () => {
    assert.equal(made.hash, `sha256:${createHash('sha256').update(made.token).digest('hex')}`);
    assert.ok(!made.yaml.includes(made.token));
    const entry = { name: 'ci', hash: made.hash };
    assert.equal(findToken([{ name: 'other', hash: hashToken('x') }, entry], made.token), entry);
  });

  it('come with what to write', () => {
    const expires = new Date('2031-01-02T03:04:05Z');
    const { yaml, hash } = createToken({ name: 'ci', role: 'deployer', services: ['web/*'], expires });
    assert.deepEqual(parse(yaml), {
      tokens: [{ name: 'ci', hash, expires: '2031-01-02T03:04:05.000Z' }],
      bindings: [{ subjects: ['token:ci'], role: 'deployer', services: ['web/*'] }],
    });
  });

  it('are not made when nothing could be written for them, and all reasons are told', () => {
    const wish = { name: 'CI', role: 'viewer' as const, services: ['web', '*/*', 'a/b/c'], expires: new Date(0) };
    const make = (more: object): unknown => createToken({ ...wish, ...more });
    assert.throws(
      () => make({}),
      (error) => {
        assert.ok(error instanceof ApiError && error.reason === 'INVALID');
        assert.deepEqual(
          error.faults.map(({ path }) => path),
          ['name', 'services', 'services', 'expires'],
        );
        return true;
      },
    );
    assert.throws(() => make({ name: 'ci', services: [], expires: undefined }), ApiError);
  });

  it('are refused when unknown, nearly right, or the hash itself', () => {
    const tokens = [{ name: 'ci', hash: made.hash }];
    const last = made.token.endsWith('A') ? 'B' : 'A';
    for (const wrong of [made.hash, made.token.slice(0, -1), made.token.slice(0, -1) + last, `${made.token}A`, '']) {
      assert.throws(() => findToken(tokens, wrong), UnauthenticatedError);
    }
  });

  it('are refused when people chose them, even with the right hash', () => {
    assert.throws(() => findToken([{ name: 'ci', hash: hashToken('hunter2') }], 'hunter2'), UnauthenticatedError);
  });

  it('end when their time is over', () => {
    const expires = new Date('2030-01-01T00:00:00Z');
    const tokens = [{ name: 'ci', hash: made.hash, expires }];
    assert.equal(findToken(tokens, made.token, new Date(expires.getTime() - 1)).name, 'ci');
    assert.throws(() => findToken(tokens, made.token, expires), {
      name: 'UnauthenticatedError',
      message: "the token 'ci' expired at 2030-01-01T00:00:00.000Z",
    });
  });
});
