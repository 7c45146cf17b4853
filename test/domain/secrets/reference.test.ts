import assert from 'node:assert/strict';
import { findSecretReferences, parseSecretReference } from '../../../src/domain/secrets/reference.ts';

describe('a reference to a secret', () => {
  const rows: [text: string, parsed: object | undefined][] = [
    ['env:DB_PASSWORD', { source: 'env', name: 'DB_PASSWORD' }],
    ['file:/run/secrets/my db', { source: 'file', name: '/run/secrets/my db' }],
    ['file:/run/db.json#password', { source: 'file', name: '/run/db.json', field: 'password' }],
    ['aws-secrets-manager:prod/db#password', { source: 'aws-secrets-manager', name: 'prod/db', field: 'password' }],
    ['aws-ssm:/prod/db', { source: 'aws-ssm', name: '/prod/db' }],
    ['aws-ssm:', undefined],
    ['file:relative', undefined],
    ['env:NOT-A-NAME', undefined],
    ['env:', undefined],
    ['vault:db', undefined],
    ['DB_PASSWORD', undefined],
    ['file:/a#', undefined],
    ['file:/a#b#c', undefined],
  ];
  for (const [text, parsed] of rows) {
    it(`${text} is ${parsed ? 'one' : 'none'}`, () => assert.deepEqual(parseSecretReference(text), parsed));
  }

  it('is found wherever it stands in a config, and nothing that only looks like one is', () => {
    const secret = 'env:TOKEN';
    const config = {
      env: { A: { secret }, B: 'env:TOKEN', C: { secret, more: 1 }, D: { secret: 'no reference' } },
      containers: [{ env: { E: { secret: 'file:/e' } } }],
      secret: null,
    };
    assert.deepEqual(findSecretReferences(config), [
      { path: ['env', 'A'], reference: secret },
      { path: ['containers', '0', 'env', 'E'], reference: 'file:/e' },
    ]);
  });
});
