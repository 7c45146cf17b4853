import assert from 'node:assert/strict';
import type { Host } from '../../../src/domain/hosts/host.ts';
import { SILENT_AFTER_MS, judgePool, listPools } from '../../../src/domain/pools/served.ts';

const SEEN = '2026-01-01T00:00:10.000Z';

function host(id: string, pools: string[], more: Partial<Host> & { digest?: string } = {}): Host {
  const { digest = 'd1', unseenMs = 0, ...rest } = more;
  return {
    ...{ id, name: id, version: '0.1.0', firstSeenAt: SEEN, lastSeenAt: SEEN, unseenMs },
    workers: [{ pools, blueprints: [{ name: 'web', digest }], unseenMs }],
    ...rest,
  };
}

describe('who serves a pool', () => {
  const hosts = [
    host('a', ['default']),
    host('b', ['us', 'eu'], { digest: 'd2' }),
    host('c', ['asia'], { unseenMs: SILENT_AFTER_MS }),
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
      const standing = { pool: pool ?? 'default', state, served };
      const surelyMs = state === 'served' ? { surelyMs: SILENT_AFTER_MS } : {};
      assert.deepEqual(judgePool(pool, hosts), { ...standing, ...surelyMs });
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

  it('is somebody for as long as the worker that was seen last may be silent', () => {
    const seen = [host('a', ['eu'], { unseenMs: 12_000 }), host('b', ['eu'], { unseenMs: 7_000 })];
    assert.equal(judgePool('eu', seen).surelyMs, SILENT_AFTER_MS - 7_000);
  });

  it('is nobody where only another worker of the host is seen', () => {
    const [there] = [host('a', ['eu'])];
    const silent = { pools: ['us'], blueprints: [], unseenMs: SILENT_AFTER_MS };
    assert.equal(judgePool('us', [{ ...there, workers: [...there.workers, silent] }]).state, 'unserved');
  });

  it('has no blueprint of another name', () => {
    assert.deepEqual(judgePool('eu', hosts, { name: 'other', digest: 'd2' }).installed, []);
  });

  it('is listed once, by name', () => {
    assert.deepEqual(listPools([...hosts, host('d', ['eu'])]), ['asia', 'default', 'eu', 'us']);
    assert.deepEqual(listPools([]), []);
  });
});
