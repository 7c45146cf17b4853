import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { afterEach, beforeEach, it } from 'mocha';
import { StackBusyError } from '../../src/stacks/driver.ts';
import { removeStaleLocks } from '../../src/stacks/pulumi/lock/recovery.ts';
import type { StateStore } from '../../src/stacks/pulumi/state/state-store.ts';

const ID = { project: 'test', stack: 'web-test-r1' };
const OTHER = { project: 'test', stack: 'web-test-r10' };

/** What holds for the engine's state wherever it is. */
export interface StateStoreSetup {
  open: () => Promise<StateStore>;
  /** Has the engine's object of that name be this: `stacks/test/web-test-r1.json`. */
  put: (name: string, content: string) => Promise<void>;
  /** The same, read back; undefined where there is none. */
  get: (name: string) => Promise<string | undefined>;
}

export function itKeepsState({ open, put, get }: StateStoreSetup): void {
  let store: StateStore;
  beforeEach(async () => (store = await open()));
  afterEach(() => store.close());

  it('begins empty, and makes a stack exist once', async () => {
    assert.equal(await store.read(ID), undefined);
    assert.deepEqual(await store.list(), []);
    await store.initialise(ID);
    assert.deepEqual(await store.read(ID), { resources: [], pending: [] });
    const latest = { resources: [{ urn: 'urn:a', type: 't', outputs: { port: 1 } }] };
    await put('stacks/test/web-test-r1.json', JSON.stringify({ version: 3, checkpoint: { stack: 's', latest } }));
    await store.initialise(ID);
    assert.deepEqual(await store.read(ID), { ...latest, pending: [] });
  });

  it('forgets a stack in whole, and leaves one whose name begins alike alone', async () => {
    await store.initialise(ID);
    await store.initialise(OTHER);
    const traces = [
      'stacks/test/web-test-r1.json.bak',
      'history/test/web-test-r1/web-test-r1-1.history.json',
      'backups/test/web-test-r1/web-test-r1.1.json',
      'locks/organization/test/web-test-r1/a.json',
    ];
    for (const name of traces) await put(name, '{}');
    await put('history/test/web-test-r10/web-test-r10-1.history.json', '{}');
    await store.forget(ID);
    assert.deepEqual(await store.list(), [OTHER]);
    for (const name of traces) assert.equal(await get(name), undefined, name);
    assert.equal(await get('history/test/web-test-r10/web-test-r10-1.history.json'), '{}');
    await store.forget(ID);
    assert.equal(await store.read(ID), undefined);
  });

  it('never guesses: an unknown version or what is no JSON is an error', async () => {
    await put('stacks/test/web-test-r1.json', '{"version":5,"checkpoint":{}}');
    await assert.rejects(store.read(ID), /has version 5; known are 3 and 4/);
    await put('stacks/test/web-test-r1.json', '{"version"');
    await assert.rejects(store.read(ID), /is not JSON/);
  });

  it('loses pending operations, and nothing else, when they are settled', async () => {
    const resources = [{ urn: 'urn:a', type: 't', secret: 'kept as it is' }];
    const latest = { resources, pending_operations: [{ resource: { urn: 'urn:b' }, type: 'creating' }] };
    await put('stacks/test/web-test-r1.json', JSON.stringify({ version: 3, checkpoint: { stack: 's', latest } }));
    assert.deepEqual((await store.read(ID))?.pending, [{ urn: 'urn:b', operation: 'creating' }]);
    await store.clearPending(ID);
    assert.deepEqual(JSON.parse((await get('stacks/test/web-test-r1.json')) ?? ''), {
      version: 3,
      checkpoint: { stack: 's', latest: { resources } },
    });
  });

  const lock = (more: object) =>
    JSON.stringify({ username: 'u', hostname: hostname(), timestamp: new Date().toISOString(), ...more });
  const held = async (): Promise<number> => (await store.removeLocks(ID, () => false)).length;

  it('has locks of dead processes removed, and those of living ones and of other hosts respected', async () => {
    const name = 'locks/organization/test/web-test-r1/a.json';
    await put(name, lock({ pid: process.pid }));
    await put('locks/organization/test/web-test-r10/b.json', lock({ pid: process.pid }));
    await assert.rejects(removeStaleLocks(store, ID), StackBusyError);
    assert.equal(await held(), 1);
    await put(name, lock({ pid: 999_999_999, hostname: 'elsewhere' }));
    await assert.rejects(removeStaleLocks(store, ID), /locked from another host.*remove .*a\.json/);
    await put(name, lock({ pid: 999_999_999 }));
    await removeStaleLocks(store, ID);
    assert.equal(await held(), 0);
    // Merely the pid of a lock's holder was given to a later process.
    await put(name, lock({ pid: process.pid, timestamp: '2020-01-01T00:00:00Z' }));
    await removeStaleLocks(store, ID);
    assert.equal(await held(), 0);
  });
}
