import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createRedactor, collectSecrets, SHORTEST_SECRET } from '../../../src/domain/evidence/redaction.ts';

const redact = createRedactor([{ name: 'TOKEN', value: 's3cr=t/+ "v"' }]);

describe('what is quoted of an output', () => {
  const rows: [string, string][] = [
    ['as it is', 'before s3cr=t/+ "v" after'],
    ['in JSON', JSON.stringify({ token: 's3cr=t/+ "v"' })],
    ['in a URL', `https://host/?token=${encodeURIComponent('s3cr=t/+ "v"')}&more=1`],
    ['in a form', new URLSearchParams({ token: 's3cr=t/+ "v"' }).toString()],
    ['in base64', `Basic ${Buffer.from('s3cr=t/+ "v"').toString('base64')}`],
    ['in hexadecimal', Buffer.from('s3cr=t/+ "v"').toString('hex')],
  ];
  for (const [what, text] of rows) {
    it(`has no value of a variable ${what}`, () => {
      assert.match(redact(text), /\[env TOKEN\]/);
      assert.doesNotMatch(redact(text), /s3cr/);
    });
  }

  it('has none at any offset of what was put in base64', () => {
    const value = fc.string({ minLength: SHORTEST_SECRET + 3, maxLength: 40, unit: 'binary-ascii' });
    fc.assert(
      fc.property(value, fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (secret, before, after) => {
        const encoded = Buffer.from(before + secret + after).toString('base64');
        const shown = createRedactor([{ name: 'TOKEN', value: secret }])(encoded);
        assert.match(shown, /\[env TOKEN\]/);
      }),
    );
  });

  it('has none of the lines of a value that has several', () => {
    const key = '-----BEGIN KEY-----\nabcdefgh\nijklmnop\n-----END KEY-----';
    assert.equal(createRedactor([{ name: 'KEY', value: key }])(`a ${key} b ijklmnop`), 'a [env KEY] b [env KEY]');
  });

  it('keeps values that are too short to be secrets, and everything else', () => {
    const none = createRedactor([
      { name: 'DEBUG', value: 'true' },
      { name: 'EMPTY', value: '' },
    ]);
    assert.equal(none('it is true'), 'it is true');
    assert.equal(redact('nothing of it'), 'nothing of it');
  });

  it('takes the longer of two values that begin alike', () => {
    const both = createRedactor([
      { name: 'SHORT', value: 'password' },
      { name: 'LONG', value: 'password-of-the-day' },
    ]);
    assert.equal(both('password-of-the-day, password'), '[env LONG], [env SHORT]');
  });

  it('is told the values of env and of the variables in passEnv, whatever else the config is', () => {
    const config = { env: { A: 'one', B: 2 }, passEnv: ['C', 'D', 3] };
    assert.deepEqual(collectSecrets(config, { C: 'three', E: 'five' }), [
      { name: 'A', value: 'one' },
      { name: 'C', value: 'three' },
    ]);
    assert.deepEqual(collectSecrets({ env: 'x', passEnv: 'y' }, {}), []);
  });
});
