import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openState } from '../../../../src/stacks/pulumi/state/open.ts';
import { ensurePassphrase } from '../../../../src/stacks/pulumi/state/passphrase.ts';
import { itKeepsState } from '../../../contract/state-store.ts';
import { describeWithAws } from '../../../doubles/aws/with-aws.ts';
import { MotoBucket, enterMoto } from './moto-buckets.ts';
import { surroundState } from './surroundings.ts';

describeWithAws(
  'state in an object store',
  (emulators) => {
    let folder: string;
    let bucket: MotoBucket;
    let leave: () => void;

    beforeEach(async function () {
      // Each question is a process of the engine's.
      this.timeout(120_000);
      leave = enterMoto();
      folder = await mkdtemp(join(tmpdir(), 'supplant-objects-'));
      bucket = await MotoBucket.create(emulators().moto.url);
    });
    afterEach(async () => {
      leave();
      await rm(folder, { recursive: true, force: true });
    });

    const surroundings = (name = 'here') => surroundState({ kind: 'objects', url: bucket.url }, join(folder, name));

    itKeepsState({
      async open() {
        const { store, proof } = await openState(surroundings());
        await ensurePassphrase(surroundings().passphraseFile, proof);
        return store;
      },
      put: async (name, content) => bucket.put(name, content),
      get: async (name) => bucket.get(name),
      faults: { version: /unsupported checkpoint version 5/, json: /cannot be read: / },
    });

    it('knows the secret that it is encrypted with, on every machine', async () => {
      const [here, elsewhere] = await Promise.all(
        ['here', 'elsewhere'].map(async (name) => openState(surroundings(name))),
      );
      const [mine, other] = [surroundings('here').passphraseFile, surroundings('elsewhere').passphraseFile];
      await ensurePassphrase(mine, here?.proof);
      await ensurePassphrase(mine, here?.proof);
      await assert.rejects(ensurePassphrase(other, elsewhere?.proof), /is missing or empty; put the first one back/);
      assert.deepEqual(await elsewhere?.store.list(), []);
    });

    it('says where it is and what is wrong, without credentials', async () => {
      const nowhere = surroundState({ kind: 'objects', url: bucket.url.replace('s3://state-', 's3://other-') }, folder);
      const { store } = await openState(nowhere);
      await assert.rejects(
        store.list(),
        /^EngineError: the state at s3:\/\/other-[\w-]+\/fleet cannot be used: .*NoSuchBucket/,
      );
    });
  },
  { ministack: false },
);
