import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { acknowledgeDrift } from '../../../src/gateway/backend/drift/acknowledge.ts';
import { Services } from '../../../src/gateway/backend/services.ts';
import { findUnacknowledged } from '../../../src/domain/drift/record.ts';
import { type Store, openStore } from '../../../src/store/store.ts';
import { changed, gone } from '../../domain/drift/samples.ts';
import { revision, spec } from '../../workflow/samples.ts';

const service = { name: 'web', environment: 'production' };
const target = { service, revision: 3 };
const change = { actor: 'ada', reason: 'the audit', requestId: 'r-1' };

describe('an acknowledgement of drift', () => {
  let store: Store;

  beforeEach(async () => {
    store = await openStore(':memory:');
    const described = spec(service);
    await store.catalogue.saveService(described, 1);
    for (const [number, state] of [
      [2, 'retired'],
      [3, 'live'],
    ] as const) {
      const made = revision(described, number);
      await store.catalogue.saveRevision({ ...made, state, since: made.createdAt, endpoints: [] }, 1);
    }
  });
  afterEach(() => store.close());

  const acknowledge = (over: Partial<typeof change & { dryRun: boolean }> = {}) => {
    const open = async () => store;
    return acknowledgeDrift(target, { ...change, ...over }, { store: open, services: new Services(open) });
  };
  const found = (version: number, findings = [gone('p1')]) => store.drift.save({ ...target, version, findings });
  const events = async () => (await store.audit.list()).map(({ type, actor, reason }) => [type, actor, reason]);

  it('is on record with who and why, and covers what was found', async () => {
    await found(1);
    assert.match(await acknowledge(), /^p1 \(p:index:T\) is gone: that may stay\./);
    assert.deepEqual(await events(), [['drift.acknowledged', 'ada', 'the audit']]);
    const record = await store.drift.find(target);
    assert.deepEqual(record && findUnacknowledged(record), []);
    assert.equal(record?.acknowledged?.reason, 'the audit');
  });

  it('is the same when it is asked for again, and another one under the same id is refused', async () => {
    await found(1);
    const said = await acknowledge();
    assert.equal(await acknowledge(), said);
    assert.equal((await events()).length, 1);
    await assert.rejects(acknowledge({ reason: 'another' }), { reason: 'CONFLICT' });
  });

  it('changes nothing in a dry run', async () => {
    await found(1);
    await acknowledge({ dryRun: true });
    assert.deepEqual([await events(), (await store.drift.find(target))?.version], [[], 1]);
  });

  it('covers nothing that a look finds while it is written', async () => {
    await found(1);
    const { drift } = store;
    let isFirst = true;
    const raced: Store = {
      ...store,
      drift: {
        find: (of) => drift.find(of),
        list: (of) => drift.list(of),
        forget: (of) => drift.forget(of),
        save: async (record) => {
          if (isFirst) await found(2, [gone('p1'), changed('p2', ['port'])]);
          isFirst = false;
          return drift.save(record);
        },
      },
    };
    const open = async () => raced;
    await acknowledgeDrift(target, change, { store: open, services: new Services(open) });
    const record = await drift.find(target);
    assert.deepEqual(record && findUnacknowledged(record), [changed('p2', ['port'])]);
  });

  it('is refused without drift, and for what is not up, with what would be right', async () => {
    await assert.rejects(acknowledge(), { reason: 'REFUSED', message: /r3 was not looked at yet/ });
    await found(1, []);
    await assert.rejects(acknowledge(), { reason: 'REFUSED', suggestion: /supplant drift check web\/production/ });
    const open = async () => store;
    const parts = { store: open, services: new Services(open) };
    await assert.rejects(acknowledgeDrift({ service, revision: 2 }, change, parts), {
      reason: 'NOT_FOUND',
      suggestion: 'live or warm: r3',
    });
  });
});
