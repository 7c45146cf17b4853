import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { afterEach, beforeEach, it } from 'mocha';
import { StackBusyError } from '../../src/stacks/driver.ts';
import { removeStaleLocks } from '../../src/stacks/pulumi/lock/recovery.ts';
import type { StateStore } from '../../src/stacks/pulumi/state/state-store.ts';

const ID = { project: 'test', stack: 'web-test-r1' };
const OTHER = { project: 'test', stack: 'web-test-r10' };

const CHECKPOINT = 'stacks/test/web-test-r1.json';
const [MADE, PENDING] = ['made', 'pending'].map((name) => `urn:pulumi:web-test-r1::test::own:index:Thing::${name}`);

/** What the engine has of a resource that a program has made of others. */
function describeResource(urn: string | undefined): object {
  return { urn, custom: false, type: 'own:index:Thing', outputs: { port: 1 } };
}

/** What holds for the engine's state wherever it is. */
export interface StateStoreSetup {
  open: () => Promise<StateStore>;
  /** Has the engine's object of that name be this: `stacks/test/web-test-r1.json`. */
  put: (name: string, content: string) => Promise<void>;
  /** The same, read back; undefined where there is none. */
  get: (name: string) => Promise<string | undefined>;
  /** What is said of a record of version 5, and of one that is no JSON. */
  faults?: { version: RegExp; json: RegExp };
}

const FAULTS = { version: /has version 5; known are 3 and 4/, json: /is not JSON/ };

export function itKeepsState({ open, put, get, faults = FAULTS }: StateStoreSetup): void {
  let store: StateStore;
  beforeEach(async () => (store = await open()));
  afterEach(() => store.close());

  it('begins empty, and makes a stack exist once', async () => {
    assert.equal(await store.read(ID), undefined);
    assert.deepEqual(await store.list(), []);
    await store.initialise(ID);
    assert.deepEqual(await store.read(ID), { resources: [], pending: [] });
    const latest = { resources: [describeResource(MADE)] };
    await put(CHECKPOINT, JSON.stringify({ version: 3, checkpoint: { stack: 's', latest } }));
    await store.initialise(ID);
    const resources = [{ urn: MADE, type: 'own:index:Thing', outputs: { port: 1 } }];
    assert.deepEqual(await store.read(ID), { resources, pending: [] });
    assert.deepEqual(await store.list(), [ID]);
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
    await put(CHECKPOINT, '{"version":5,"checkpoint":{}}');
    await assert.rejects(store.read(ID), faults.version);
    await put(CHECKPOINT, '{"version"');
    await assert.rejects(store.read(ID), faults.json);
  });

  it('loses pending operations, and no resource, when they are settled', async () => {
    const pending = [{ resource: describeResource(PENDING), type: 'creating' }];
    const latest = { resources: [describeResource(MADE)], pending_operations: pending };
    await put(CHECKPOINT, JSON.stringify({ version: 3, checkpoint: { stack: 's', latest } }));
    const before = await store.read(ID);
    assert.deepEqual(before?.pending, [{ urn: PENDING, operation: 'creating' }]);
    await store.clearPending(ID);
    assert.deepEqual(await store.read(ID), { ...before, pending: [] });
  });

  const lock = (more: object) =>
    JSON.stringify({ username: 'u', hostname: hostname(), timestamp: new Date().toISOString(), ...more });
  const held = async (): Promise<number> => (await store.removeLocks(ID, () => false)).length;

  it('has locks of dead processes removed, and those of living ones and of other hosts respected', async () => {
    const name = 'locks/organization/test/web-test-r1/a.json';
    await store.initialise(ID);
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

/** What else holds where the state can tell an engine that has lost its stack from one that has it. */
export interface FencedStateSetup {
  open: () => Promise<StateStore>;
  /** What another worker has of the same state. */
  again: () => Promise<StateStore>;
  /** What an engine does that writes under a number, or under none; the engine's object by its name. */
  write: (token: number | undefined, name: string) => Promise<unknown>;
  remove: (token: number | undefined, name: string) => Promise<unknown>;
}

export function itFencesEngines({ open, again, write, remove }: FencedStateSetup): void {
  let store: StateStore;
  const history = 'history/test/web-test-r1/web-test-r1-1.history.json';
  const lockOf = (name: string): string => `locks/organization/test/web-test-r1/${name}.json`;
  const REFUSED =
    /web-test-r1 was taken over by another worker while this one stood still.*writes under 5, the stack is held under 6/;

  beforeEach(async () => (store = await open()));
  afterEach(() => store.close());

  it('takes what an engine writes that holds the stack, and refuses one that has lost it', async () => {
    await write(5, CHECKPOINT);
    await store.fence?.(ID, 5);
    for (const name of [CHECKPOINT, history, lockOf('a')]) await write(5, name);
    await store.fence?.(ID, 6);
    for (const name of [CHECKPOINT, `${CHECKPOINT}.bak`, history, lockOf('b')]) {
      await assert.rejects(write(5, name), REFUSED, name);
      for (const token of [6, 7]) await write(token, name);
    }
    await assert.rejects(remove(5, CHECKPOINT), REFUSED);
  });

  it('lets it remove its own lock, and leaves those who write under no number and other stacks alone', async () => {
    await write(5, lockOf('a'));
    await store.fence?.(ID, 6);
    await remove(5, lockOf('a'));
    await write(undefined, CHECKPOINT);
    await write(5, 'stacks/test/web-test-r10.json');
    await write(5, 'stacks/other/web-test-r1.json');
    await write(5, 'meta.yaml');
  });

  it('refuses the worker, too, that has lost the stack, whatever it writes; and takes what the other one does', async () => {
    await store.fence?.(ID, 5);
    await store.initialise(ID);
    await write(5, lockOf('a'));
    const other = await again();
    await other.fence?.(ID, 6);
    const stale = [
      async () => store.initialise(ID),
      async () => store.clearPending(ID),
      async () => store.forget(ID),
      async () => store.removeLocks(ID, () => true),
    ];
    for (const act of stale) await assert.rejects(act(), REFUSED);
    assert.deepEqual(await store.read(ID), { resources: [], pending: [] });
    await other.clearPending(ID);
    await other.removeLocks(ID, () => true);
    await other.forget(ID);
    assert.equal(await other.read(ID), undefined);
    await other.close();
  });

  it('keeps to the highest number, after the stack was forgotten, too, and says so to whoever has a lower one', async () => {
    await store.fence?.(ID, 6);
    await store.fence?.(ID, 6);
    await store.initialise(ID);
    await store.forget(ID);
    await assert.rejects(
      store.fence?.(ID, 5) ?? Promise.resolve(),
      /held under 6 already .* and was to be held under 5/,
    );
    await assert.rejects(write(5, CHECKPOINT), REFUSED);
  });
}
