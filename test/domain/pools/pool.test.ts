import assert from 'node:assert/strict';
import { toRevisionRef, computeReleaseDigest, fixBlueprint } from '../../../src/activities/release.ts';
import { choosePool, isPoolName, readServedPools } from '../../../src/domain/pools/pool.ts';
import { hostTaskQueue, poolTaskQueue, stackTaskQueue } from '../../../src/domain/task-queues.ts';

describe('a pool', () => {
  for (const [asked, offered, pool] of [
    [undefined, undefined, undefined],
    ['default', undefined, undefined],
    ['eu', undefined, 'eu'],
    [undefined, 'us', 'us'],
    ['eu', 'us', 'eu'],
    ['default', 'us', undefined],
  ] as const) {
    it(`is ${pool ?? 'the default one'} where ${asked ?? 'none'} is asked for and ${offered ?? 'none'} is offered`, () => {
      assert.deepEqual(choosePool(asked, offered), pool === undefined ? {} : { pool });
    });
  }

  it('has the name of a service’s kind', () => {
    for (const name of ['eu', 'eu-west-1', 'a'.repeat(40)]) assert.ok(isPoolName(name));
    for (const name of ['', 'EU', '1a', 'a-', 'a.b', 'a'.repeat(41), 7, undefined]) assert.ok(!isPoolName(name));
  });

  it('has a queue of its own, which is no host’s, and the default one that of stacks', () => {
    assert.equal(poolTaskQueue('q'), stackTaskQueue('q'));
    assert.equal(poolTaskQueue('q', 'default'), stackTaskQueue('q'));
    assert.equal(poolTaskQueue('q', 'eu'), 'q-stacks-pool.eu');
    assert.notEqual(poolTaskQueue('q', 'a1'), hostTaskQueue('q', 'pool-a1'));
  });

  it('is served by workers that name it, each once; all that is wrong is told at once', () => {
    assert.deepEqual(readServedPools([]), ['default']);
    assert.deepEqual(readServedPools(['eu', 'us', 'eu']), ['eu', 'us']);
    assert.throws(
      () => readServedPools(['eu', 'EU', 'u s']),
      /^Error: 'EU', 'u s' cannot be the name of a pool; expected/,
    );
  });

  it('makes another release, which the default one does not', () => {
    const made = (pool?: string) => ({
      number: 1,
      artifact: 'cmd:true',
      checks: [],
      blueprint: fixBlueprint({ name: 'b', config: {} }, { digest: 'd', ...choosePool(pool, undefined) }),
    });
    assert.equal(computeReleaseDigest(made('default')), computeReleaseDigest(made()));
    assert.notEqual(computeReleaseDigest(made('eu')), computeReleaseDigest(made()));
    assert.equal(toRevisionRef(made('eu')).pool, 'eu');
    assert.ok(!('pool' in toRevisionRef(made('default'))));
  });
});
