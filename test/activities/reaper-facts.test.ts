import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Facts } from '../../src/activities/reaper/facts.ts';
import type { RouteObservation } from '../../src/domain/traffic/route.ts';
import type { Router } from '../../src/routing/router.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { SERVICE, SPEC } from '../doubles/sample-views.ts';

const STACK = { project: SERVICE.environment, stack: `${SERVICE.name}-${SERVICE.environment}-r7` };
const ENDPOINT = { host: '127.0.0.1', port: 43_121 };

describe('what the reaper knows of a stack', () => {
  let folder: string;
  let store: Store;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-facts-'));
    store = await openStore(join(folder, 'store.sqlite'));
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** With a router that leads to r7 by that weight, or one that does not answer. */
  function facts(weight: number | undefined): Facts {
    const observe = async (): Promise<RouteObservation> => {
      if (weight === undefined) throw new Error('nobody answers');
      const targets = [{ revision: 7, endpoints: [ENDPOINT], weight }];
      return { service: SERVICE, generation: 1, address: ENDPOINT, targets };
    };
    const router = { observe } as unknown as Router;
    const { catalogue, experiments } = store;
    return new Facts({
      catalogue,
      experiments,
      routers: { of: async () => router },
      workflows: { look: async () => 'gone' },
      stacks: { pages: () => assert.fail('it is not asked for what there is') },
    });
  }

  const found = { ...STACK, reach: 'machine', isOurs: true };

  it('is that it has traffic, where a router leads to it and the record has lost it', async () => {
    assert.deepEqual(await facts(100).marked([STACK], 'machine'), [{ ...found, traffic: 'some' }]);
    assert.deepEqual((await facts(100).of(STACK)).found?.traffic, 'some');
  });

  it('is that it may have traffic, where the router does not answer', async () => {
    assert.deepEqual(await facts(undefined).marked([STACK], 'machine'), [{ ...found, traffic: 'unanswered' }]);
  });

  it('is nothing of traffic where it has none, where it is on record, or is a variant', async () => {
    assert.deepEqual(await facts(0).marked([STACK], 'machine'), [found]);
    const variant = { project: 'production', stack: 'nightly--blue-production-r7' };
    assert.deepEqual(await facts(100).marked([variant], 'machine'), [{ ...variant, reach: 'machine', isOurs: true }]);
    await store.catalogue.saveService(SPEC, 1);
    const { artifact, blueprint, checks } = SPEC;
    const at = new Date().toISOString();
    const revision = { service: SERVICE, number: 7, artifact, blueprint: { ...blueprint, digest: 'd' }, checks };
    const record = { ...revision, requestedBy: 'somebody', createdAt: at, since: at, endpoints: [ENDPOINT] };
    await store.catalogue.saveRevision({ ...record, state: 'live' }, 1);
    assert.deepEqual(await facts(100).marked([STACK], 'machine'), [found]);
  });
});
