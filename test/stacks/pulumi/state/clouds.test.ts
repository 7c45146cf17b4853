import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openState } from '../../../../src/stacks/pulumi/state/open.ts';
import { ensurePassphrase } from '../../../../src/stacks/pulumi/state/passphrase.ts';
import { itKeepsState } from '../../../contract/state-store.ts';
import { makeAzureContainer, startAzure } from '../../../doubles/clouds/azure.ts';
import type { Bucket } from '../../../doubles/clouds/bucket.ts';
import { makeGcsBucket, startGcs } from '../../../doubles/clouds/gcs.ts';
import type { Served } from '../../../doubles/clouds/program.ts';
import { describeWithPrograms } from '../../../doubles/describe-with-programs.ts';
import { enterEnvironment } from '../../../doubles/environment.ts';
import { surroundState } from './surroundings.ts';

interface Cloud {
  title: string;
  start: () => Promise<Served>;
  make: (served: Served) => Promise<Bucket>;
  /** What is said where there is no such bucket. */
  missing: RegExp;
}

const CLOUDS: Cloud[] = [
  { title: 'azblob://', start: startAzure, make: makeAzureContainer, missing: /ContainerNotFound/ },
  { title: 'gs://', start: startGcs, make: makeGcsBucket, missing: /bucket doesn't exist/ },
];

for (const { title, start, make, missing } of CLOUDS) {
  describeWithPrograms(`state at ${title}`, start, (served) => {
    let folder: string;
    let bucket: Bucket;
    let leave: () => void;

    beforeEach(async function () {
      // Each question is a process of the engine's.
      this.timeout(120_000);
      folder = await mkdtemp(join(tmpdir(), 'supplant-clouds-'));
      bucket = await make(served());
      leave = enterEnvironment(bucket.env);
    });
    afterEach(async () => {
      leave();
      await rm(folder, { recursive: true, force: true });
    });

    const surroundings = (name = 'here', url = bucket.url) =>
      surroundState({ kind: 'objects', url }, join(folder, name));

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

    it('says where it is and what is wrong, without credentials and without how it is reached', async () => {
      const nowhere = surroundings('here', bucket.url.replace('://state-', '://other-'));
      const { store } = await openState(nowhere);
      await assert.rejects(store.list(), (error: Error) => {
        assert.match(error.message, /^the state at \w+:\/\/other-[\w-]+\/fleet cannot be used: /);
        assert.match(error.message, missing);
        return Object.values(bucket.env).every((value) => value.length < 20 || !error.message.includes(value));
      });
    });
  });
}
