import assert from 'node:assert/strict';
import { findLikelySecrets } from '../../../src/domain/secrets/likely-secrets.ts';

const join = (...parts: string[]): string => parts.join('');

/** In two halves, so that nobody who looks for tokens in sources takes one for real. */
const LOOKS_LIKE: [string, string, string | undefined][] = [
  ['A', join('AKIA', 'IOSFODNN7EXAMPLE'), 'an AWS access key'],
  ['A', join('ghp_', 'a1B2'.repeat(9)), 'a GitHub token'],
  ['A', join('sk_live_', '4eC39HqLyjWDarjtT1zdp7dc'), 'a Stripe key'],
  ['A', join('xoxb-', '123456789012-abcdefghij'), 'a Slack token'],
  ['A', join('eyJhbGciOiJIUzI1NiJ9.', 'eyJzdWIiOiIxIn0xyz', '.c2lnbmF0dXJl'), 'a JSON web token'],
  ['A', join('-----BEGIN RSA ', 'PRIVATE', ' KEY-----\nMII'), 'a private key'],
  ['URL', 'postgres://web:hunter2hunter@db/web', 'an address with a password in it'],
  ['DB_PASSWORD', 'xK9!mPq2#vL7zR4w', 'a secret, by its name'],
  ['apiKey', 'f3a9c1e8b7d2460a9e5c', 'a secret, by its name'],
  ['DB_PASSWORD', 'aaaaaaaaaaaa', undefined],
  ['DB_PASSWORD', 'short', undefined],
  ['TOKEN', '/run/secrets/token-of-the-day', undefined],
  ['TOKEN', '${TOKEN_FROM_ELSEWHERE}', undefined],
  ['COLOUR', 'xK9!mPq2#vL7zR4w', undefined],
  ['PASSWORD_POLICY', 'twelve-characters-or-more', undefined],
  ['URL', 'https://example.com/path:with@signs', undefined],
];

describe('a value that looks like a secret', () => {
  for (const [name, value, looksLike] of LOOKS_LIKE) {
    it(`${name}: ${value.slice(0, 12)}… is ${looksLike ?? 'none'}`, () => {
      const expected = looksLike === undefined ? [] : [{ path: ['env', name], looksLike }];
      assert.deepEqual(findLikelySecrets({ env: { [name]: value } }), expected);
    });
  }

  it('is no reference', () => {
    assert.deepEqual(findLikelySecrets({ env: { TOKEN: { secret: 'file:/run/x9K2mQ7vLz' } } }), []);
  });
});
