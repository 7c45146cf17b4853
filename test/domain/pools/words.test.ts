import assert from 'node:assert/strict';
import { buildPoolWait, describeOutdated, describePoolWait } from '../../../src/domain/pools/words.ts';

describe('a pool in words', () => {
  const unserved = { pool: 'eu-west', state: 'unserved' as const, served: ['default', 'us'] };

  it('that nobody serves says which are served, and what ends the wait', () => {
    assert.equal(
      describePoolWait(unserved),
      'waits for a worker: no worker serves pool eu-west (pools served: default, us); a worker that is started with --pool eu-west ends the wait',
    );
    assert.match(describePoolWait({ ...unserved, served: [] }), /\(pools served: none\)/);
  });

  it('that a run waits for says who can end that', () => {
    const facts = { what: 'r5', since: 'then', until: 'later', orBy: 'abort', then: 'it is made' };
    assert.deepEqual(buildPoolWait(unserved, facts), {
      on: 'a worker to do the work of r5: no worker serves pool eu-west (pools served: default, us)',
      ...{ since: 'then', until: 'later', then: 'it is made' },
      endedBy: 'a worker that is started with --pool eu-west; abort',
    });
  });

  it('that lacks a blueprint says which it has instead', () => {
    const wanted = { name: 'web', digest: 'a'.repeat(64) };
    const outdated = { pool: 'us', state: 'outdated' as const, served: ['us'], wanted };
    const told = 'no worker of pool us has blueprint web at digest aaaaaaaaaaaa: its workers';
    assert.equal(describeOutdated({ ...outdated, installed: ['b'.repeat(64)] }), `${told} have bbbbbbbbbbbb`);
    assert.equal(describeOutdated({ ...outdated, installed: [] }), `${told} do not know it`);
  });
});
