import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type ReapParts, reap } from '../../../src/activities/reaper/reap.ts';
import { DEFAULT_POLICY, type ReaperNote } from '../../../src/domain/reaper/facts.ts';
import { OtherHostError } from '../../../src/stacks/driver.ts';
import { type Store, openStore } from '../../../src/store/store.ts';

const ID = { project: 'test', stack: 'left-over' };
const NOTE: ReaperNote = {
  ...{ ...ID, reason: 'unknown', reach: 'machine', foundAt: '2026-01-01T00:00:00.000Z' },
  ...{ attempts: 3, triedAt: '2026-01-01T00:10:00.000Z', dueAt: '2026-01-01T00:10:00.000Z' },
};

describe('reaping', () => {
  let store: Store;
  beforeEach(async () => (store = await openStore(':memory:')));
  afterEach(() => store.close());

  function partsOf(destroy: () => Promise<void>): ReapParts {
    const { audit, catalogue, experiments, hosts, ledger, reaper: log } = store;
    const settings = { policy: DEFAULT_POLICY, everyMs: 1_000, sharedEveryMs: 1_000 };
    return {
      ...{ audit, catalogue, experiments, hosts, bindings: ledger.commissions, host: 'b-22222222' },
      routers: { of: () => Promise.reject(new Error('no router')) },
      reaper: { log, settings, workflows: { look: async () => 'gone' } },
      stacks: { reap: destroy, pages: () => Promise.reject(new Error('nothing is listed')) as never },
    };
  }

  it('a stack that runs on another host is no attempt: it is left to that host, and stays noted', async () => {
    await store.reaper.saveNote(NOTE);
    const parts = partsOf(() => Promise.reject(new OtherHostError(ID.stack, 'a-11111111')));
    const failed: unknown = await new MockActivityEnvironment()
      .run(() => reap(ID, parts))
      .catch((error: unknown) => error);
    assert.ok(failed instanceof ApplicationFailure);
    assert.deepEqual([failed.type, failed.nonRetryable, failed.details], ['OtherHost', true, ['a-11111111']]);
    const note = await store.reaper.note(ID);
    assert.equal(note?.attempts, 2);
    assert.equal(note.lastError, 'left-over runs on host a-11111111, and can be worked on only there');
    // The same, there.
    assert.equal(
      await new MockActivityEnvironment().run(() =>
        reap(
          ID,
          partsOf(async () => undefined),
        ),
      ),
      'it is gone',
    );
    assert.equal(await store.reaper.note(ID), undefined);
  });
});
