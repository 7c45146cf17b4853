import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BlueprintError, type StackInput } from '../../../../src/stacks/driver.ts';
import { computeInputDigest } from '../../../../src/stacks/pulumi/operation/input-digest.ts';
import { readStackOutputs } from '../../../../src/stacks/pulumi/state/outputs.ts';
import { ensurePassphrase } from '../../../../src/stacks/pulumi/state/passphrase.ts';
import { removeStaleLocks } from '../../../../src/stacks/pulumi/lock/recovery.ts';
import { openState } from '../../../../src/stacks/pulumi/state/open.ts';
import { itKeepsState } from '../../../contract/state-store.ts';
import { surroundState } from './surroundings.ts';

const ID = { project: 'test', stack: 'web-test-r1' };
const CHECKPOINT = 'stacks/test/web-test-r1.json';

describe('what the driver keeps on disk', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'supplant-state-'))));
  afterEach(async () => rm(folder, { recursive: true }));

  describe('passphrase', () => {
    it('is made once, for its owner only, by any number of workers', async () => {
      const path = join(folder, 'passphrase');
      await Promise.all([ensurePassphrase(path), ensurePassphrase(path), ensurePassphrase(path)]);
      const first = await readFile(path, 'utf8');
      await ensurePassphrase(path);
      assert.equal(await readFile(path, 'utf8'), first);
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.doesNotMatch(await readFile(`${path}.proof`, 'utf8'), new RegExp(first.trim()));
    });

    it('is missed when it is lost or replaced, and never made anew', async () => {
      const path = join(folder, 'passphrase');
      await ensurePassphrase(path);
      await rm(path);
      await assert.rejects(ensurePassphrase(path), /is missing or empty; put the first one back/);
      await assert.rejects(stat(path), /ENOENT/);
      await writeFile(path, 'another');
      await assert.rejects(ensurePassphrase(path), /is not the one that the state was encrypted with/);
    });
  });

  describe('state', () => {
    const objectOf = (name: string): string => join(folder, '.pulumi', name);
    const open = async () => (await openState(surroundState({ kind: 'folder', path: folder }))).store;
    itKeepsState({
      open,
      async put(name, content) {
        await mkdir(dirname(objectOf(name)), { recursive: true });
        await writeFile(objectOf(name), content);
      },
      get: async (name) => readFile(objectOf(name), 'utf8').catch(() => undefined),
    });

    it('keeps all of a record that it has no use for', async () => {
      const resources = [{ urn: 'urn:a', type: 't', secret: 'kept as it is' }];
      const latest = { resources, pending_operations: [{ resource: { urn: 'urn:b' }, type: 'creating' }] };
      await mkdir(dirname(objectOf(CHECKPOINT)), { recursive: true });
      await writeFile(objectOf(CHECKPOINT), JSON.stringify({ version: 3, checkpoint: { stack: 's', latest } }));
      const store = await open();
      await store.clearPending(ID);
      const written: unknown = JSON.parse(await readFile(objectOf(CHECKPOINT), 'utf8'));
      assert.deepEqual(written, { version: 3, checkpoint: { stack: 's', latest: { resources } } });
    });

    it('is without locks that were never written to their end, unless somebody may be writing them now', async () => {
      const locks = objectOf('locks/organization/test/web-test-r1');
      await mkdir(locks, { recursive: true });
      const [old, fresh] = ['b.json.1.tmp', 'c.json.2.tmp'].map((name) => join(locks, name)) as [string, string];
      for (const path of [old, fresh]) await writeFile(path, '');
      await utimes(old, new Date(0), new Date(0));
      const store = await open();
      await removeStaleLocks(store, ID);
      assert.deepEqual(await readdir(locks), ['c.json.2.tmp']);
    });

    it('has the locks of machines removed that a claim was taken over from, and of no other', async () => {
      const locks = objectOf('locks/organization/test/web-test-r1');
      await mkdir(locks, { recursive: true });
      const lock = (machine: string): string =>
        JSON.stringify({ username: 'u', hostname: machine, pid: 1, timestamp: new Date().toISOString() });
      await writeFile(join(locks, 'a.json'), lock('lost'));
      const store = await open();
      await removeStaleLocks(store, ID, ['lost', 'other']);
      assert.deepEqual(await readdir(locks), []);
      await writeFile(join(locks, 'b.json'), lock('somebody'));
      await assert.rejects(removeStaleLocks(store, ID, ['lost']), /locked from another host/);
      assert.deepEqual(await readdir(locks), ['b.json']);
    });
  });
});

describe('the digest of an input', () => {
  const input: StackInput = {
    service: { name: 'web', environment: 'test' },
    revision: 1,
    artifact: 'command',
    blueprint: { name: 'b', digest: 'd', config: { x: [1, { y: 2, z: 3 }], w: null } },
  };

  it('does not depend on the order of keys', () => {
    const turned = {
      blueprint: { config: { w: null, x: [1, { z: 3, y: 2 }] }, digest: 'd', name: 'b' },
      artifact: 'command',
      revision: 1,
      service: { environment: 'test', name: 'web' },
    };
    assert.equal(computeInputDigest(turned), computeInputDigest(input));
  });

  it('depends on everything else', () => {
    const others: StackInput[] = [
      { ...input, revision: 2 },
      { ...input, artifact: 'other' },
      { ...input, service: { name: 'web', environment: 'live' } },
      { ...input, blueprint: { ...input.blueprint, digest: 'e' } },
      { ...input, blueprint: { ...input.blueprint, config: { x: [{ y: 2, z: 3 }, 1], w: null } } },
    ];
    const digests = new Set([input, ...others].map(computeInputDigest));
    assert.equal(digests.size, 6);
  });
});

describe('the outputs of a stack', () => {
  const state = (outputs: Record<string, unknown>) => ({
    resources: [{ urn: 'u', type: 'pulumi:pulumi:Stack', outputs }],
    pending: [],
  });

  it('are its endpoints and notes', () => {
    const endpoints = [{ host: '127.0.0.1', port: 1 }];
    assert.deepEqual(readStackOutputs(state({ endpoints })), { endpoints, notes: {} });
    assert.deepEqual(readStackOutputs(state({ endpoints, notes: { a: 1 } })).notes, { a: 1 });
  });

  it('carry what a router may have to know of an endpoint, and nothing else', () => {
    const known = { host: 'a', port: 1, id: 'srv1', weight: 0, attributes: { zone: 'b' } };
    const { endpoints } = readStackOutputs(
      state({
        endpoints: [
          { ...known, secret: 'x' },
          { host: 'b', port: 2 },
        ],
      }),
    );
    assert.deepEqual(endpoints, [known, { host: 'b', port: 2 }]);
  });

  it('are refused with all that is wrong with them', () => {
    const endpoints = [
      { host: 'a', port: 70_000 },
      { host: 'b', port: 2, id: '', weight: 1.5, attributes: { zone: 1 } },
    ];
    const told = [
      /endpoint 1: port is no whole number from 1 to 65535; /,
      /endpoint 2: id is no text of 1 to 255 characters; /,
      /endpoint 2: weight is no whole number from 0 to 256; endpoint 2: attributes are not texts by their names$/,
    ];
    for (const each of told) assert.throws(() => readStackOutputs(state({ endpoints })), each);
  });

  for (const endpoints of [undefined, [], 'http://x', [{ host: 'x' }], [{ host: 'x', port: '1' }]]) {
    it(`are refused when the endpoints are ${JSON.stringify(endpoints)}`, () => {
      assert.throws(() => readStackOutputs(state({ endpoints })), BlueprintError);
    });
  }
});
