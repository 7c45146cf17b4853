import assert from 'node:assert/strict';
import type { Host } from '../../../src/domain/hosts/host.ts';
import { judgePool, listPools } from '../../../src/domain/pools/served.ts';

const SEEN = '2026-01-01T00:00:10.000Z';

function host(id: string, pools: string[], more: Partial<Host> & { digest?: string } = {}): Host {
  const { digest = 'd1', ...rest } = more;
  return {
    ...{ id, name: id, version: '0.1.0', firstSeenAt: SEEN, lastSeenAt: SEEN, unseenMs: 0 },
    workers: [{ pools, blueprints: [{ name: 'web', digest }] }],
    ...rest,
  };
}

describe('who serves a pool', () => {
  const hosts = [
    host('a', ['default']),
    host('b', ['us', 'eu'], { digest: 'd2' }),
    host('c', ['asia'], { unseenMs: 60_000 }),
  ];
  for (const [pool, state] of [
    [undefined, 'served'],
    ['default', 'served'],
    ['eu', 'served'],
    ['asia', 'unserved'],
    ['eux', 'unserved'],
  ] as const) {
    it(`${state === 'served' ? 'is somebody' : 'is nobody'} for ${pool ?? 'none'}`, () => {
      const served = ['default', 'eu', 'us'];
      assert.deepEqual(judgePool(pool, hosts), { pool: pool ?? 'default', state, served });
    });
  }

  for (const [pool, digest, state, installed] of [
    ['default', 'd1', 'served', undefined],
    ['default', 'd2', 'outdated', ['d1']],
    ['eu', 'd2', 'served', undefined],
    ['eu', 'd3', 'outdated', ['d2']],
    ['asia', 'd1', 'unserved', undefined],
  ] as const) {
    it(`has the blueprint at ${digest} in ${pool}: ${state}`, () => {
      const standing = judgePool(pool, hosts, { name: 'web', digest });
      assert.deepEqual([standing.state, standing.installed], [state, installed]);
    });
  }

  it('has no blueprint of another name', () => {
    assert.deepEqual(judgePool('eu', hosts, { name: 'other', digest: 'd2' }).installed, []);
  });

  it('is listed once, by name', () => {
    assert.deepEqual(listPools([...hosts, host('d', ['eu'])]), ['asia', 'default', 'eu', 'us']);
    assert.deepEqual(listPools([]), []);
  });
});
