import assert from 'node:assert/strict';
import { ServedPools } from '../../../src/gateway/backend/served-pools.ts';
import type { Receipt } from '../../../src/domain/service/requests.ts';
import type { RevisionState } from '../../../src/domain/service/revision.ts';
import { type Store, openStore } from '../../../src/store/store.ts';
import { SPEC } from '../../doubles/sample-views.ts';

const SERVICE = SPEC.service;
const AT = '2026-01-01T00:00:00.000Z';
const RECEIPT: Receipt = { service: SERVICE, rollout: 2, revision: 2, unchanged: false, queuedBehind: 0 };

describe('who serves a pool, for whoever asks for something in it', () => {
  let store: Store;
  let pools: ServedPools;
  beforeEach(async () => {
    store = await openStore(':memory:');
    pools = new ServedPools(async () => store);
    await announce(['default', 'eu-west']);
  });
  afterEach(() => store.close());

  const announce = (served: string[]) =>
    store.hosts.announce({ id: 'a', name: 'a', version: '1', worker: { id: 'w', pools: served, blueprints: [] } });
  const warned = async (more: Partial<Receipt> = {}) => (await pools.warn({ ...RECEIPT, ...more })).warnings;

  async function saveRevision(state: RevisionState, pool?: string): Promise<void> {
    await store.catalogue.saveService(SPEC, 1);
    const blueprint = { ...SPEC.blueprint, digest: 'd', ...(pool === undefined ? {} : { pool }) };
    const by = { artifact: SPEC.artifact, checks: [], requestedBy: 'ada', createdAt: AT, since: AT, endpoints: [] };
    await store.catalogue.saveRevision({ service: SERVICE, number: 2, blueprint, ...by, state }, 1);
  }

  it('is told with the pool that may have been meant', async () => {
    assert.deepEqual(await warned({ pool: 'eu-wst' }), [
      'no worker serves pool eu-wst (did you mean eu-west? pools served: default, eu-west); the rollout waits for a worker that is started with --pool eu-wst',
    ]);
    assert.match((await warned({ pool: 'asia' }))?.join() ?? '', /eu-west\); the rollout waits/);
  });

  it('is not told where somebody serves it', async () => {
    assert.equal(await warned({ pool: 'eu-west' }), undefined);
    assert.equal(await warned(), undefined);
  });

  it('is told of the default pool as well', async () => {
    await announce(['eu-west']);
    assert.match((await warned())?.join() ?? '', /^no worker serves pool default \(pools served: eu-west\)/);
  });

  it('is told of a revision that has to be made again, by where it was made; of one that stands nothing is', async () => {
    await saveRevision('retired', 'us');
    assert.match((await warned())?.join() ?? '', /^no worker serves pool us /);
    await saveRevision('warm', 'us');
    assert.equal(await warned(), undefined);
  });

  it('is not told where nothing is to be made', async () => {
    assert.equal(await warned({ pool: 'us', unchanged: true }), undefined);
    const { revision: _, ...removal } = RECEIPT;
    assert.equal((await pools.warn({ ...removal, pool: 'us' })).warnings, undefined);
  });

  it('is nobody of any pool where no worker was seen', async () => {
    assert.equal(await pools.isDeserted(), false);
    await store.hosts.withdraw('a', 'w');
    assert.equal(await pools.isDeserted(), true);
    assert.match((await pools.look())('eu-west') ?? '', /\(pools served: none\)/);
  });

  it('is not told where the record does not answer', async () => {
    const silent = new ServedPools(() => Promise.reject(new Error('no store')));
    assert.deepEqual(await silent.warn({ ...RECEIPT, pool: 'us' }), { ...RECEIPT, pool: 'us' });
    assert.equal((await silent.look())('us'), undefined);
  });
});
