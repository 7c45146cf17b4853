import assert from 'node:assert/strict';
import type { Client } from '@temporalio/client';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import type { RequestMeta } from '../../../src/domain/service/requests.ts';
import { ChangeStops } from '../../../src/gateway/backend/change-stops.ts';
import { type Store, openStore } from '../../../src/store/store.ts';
import { spec } from '../../workflow/samples.ts';

const WEB = { name: 'web', environment: 'production' };

/** A double of Temporal that takes signals, and notes to whom. */
function takingSignals(): { client: Client; told: string[] } {
  const told: string[] = [];
  const getHandle = (id: string) => ({
    signal: async () => {
      told.push(id);
      if (id.includes('gone')) throw new Error('it is over');
    },
  });
  const connection = { withDeadline: async (_until: number, work: () => Promise<unknown>) => work() };
  return { client: { connection, workflow: { getHandle } } as unknown as Client, told };
}

describe('stops of changes behind a gateway', () => {
  let store: Store;
  let stops: ChangeStops;
  let told: string[];

  beforeEach(async () => {
    store = await openStore(':memory:');
    const temporal = takingSignals();
    told = temporal.told;
    stops = new ChangeStops(temporal.client, async () => store);
    for (const name of ['web', 'gone', 'back']) {
      const service = { name, environment: name === 'back' ? 'staging' : 'production' };
      await store.catalogue.saveService(spec(service), 1);
      const kind = name === 'back' ? 'rollback' : 'deploy';
      await store.catalogue.saveRollout({
        service,
        number: 7,
        kind,
        actor: 'ada',
        startedAt: '2026-01-01T00:00:00.000Z',
      });
    }
  });
  afterEach(() => store.close());

  const change = (requestId: string, more: Partial<RequestMeta> = {}): RequestMeta => ({
    ...{ actor: 'root', requestId, reason: 'an incident' },
    ...more,
  });
  const events = async () => (await store.audit.list({ subject: 'change-stops' })).map(({ type }) => type);

  it('are recorded, set, and told to the deployments that run there; one that is over stops nobody', async () => {
    const effect = await stops.set({ environment: 'production' }, change('1'));
    assert.match(effect, /deployments in environment production wait until it is lifted/);
    assert.deepEqual(told.toSorted(), ['rollout/gone/production/7', 'rollout/web/production/7']);
    assert.partialDeepStrictEqual(await stops.list(), [{ environment: 'production', actor: 'root' }]);
    assert.deepEqual(await events(), ['change-stop.set']);
    await store.stops.set({
      actor: 'x',
      reason: 'y',
      since: '2020-01-01T00:00:00.000Z',
      until: '2020-01-02T00:00:00.000Z',
    });
    assert.equal((await stops.list()).length, 1);
  });

  it('are lifted with what is left, and again without harm', async () => {
    await stops.set({}, change('1'));
    await stops.set({ environment: 'production' }, change('2'));
    const lifted = await stops.lift({}, change('3'));
    assert.match(
      lifted,
      /what waits for it goes on; changes in environment production are stopped by root: an incident, still/,
    );
    assert.match(await stops.lift({}, change('3')), /goes on/);
    assert.deepEqual(await events(), ['change-stop.set', 'change-stop.set', 'change-stop.lifted']);
    await assert.rejects(stops.lift({}, change('4')), (error: unknown) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.reason, 'NOT_FOUND');
      assert.match(error.suggestion ?? '', /set are: changes in environment production/);
      return true;
    });
  });

  it('do nothing in a dry run, and know another request under the same id', async () => {
    assert.match(await stops.set({}, change('1', { dryRun: true })), /all environments wait/);
    assert.deepEqual([await stops.list(), await events(), told], [[], [], []]);
    await stops.set({}, change('1'));
    await stops.set({}, change('1'));
    await assert.rejects(stops.set({ environment: 'production' }, change('1')), /was used before with other content/);
  });

  it('are told to who asks for a deployment meanwhile', async () => {
    const receipt = { service: WEB, rollout: 8, revision: 2, unchanged: false, queuedBehind: 0 };
    assert.deepEqual(await stops.warn(receipt), receipt);
    await stops.set({ until: '2999-01-01T00:00:00.000Z' }, change('1'));
    const { warnings } = await stops.warn({ ...receipt, warnings: ['first'] });
    assert.deepEqual(warnings, [
      'first',
      'changes in all environments are stopped by root: an incident; its rollout waits until 2999-01-01T00:00:00.000Z',
    ]);
    assert.equal((await stops.warn({ ...receipt, unchanged: true })).warnings, undefined);
  });
});
