import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAzureContainer, startAzure } from '../doubles/clouds/azure.ts';
import type { Bucket } from '../doubles/clouds/bucket.ts';
import { makeGcsBucket, startGcs } from '../doubles/clouds/gcs.ts';
import type { Served } from '../doubles/clouds/program.ts';
import { makeVaultKey, startVault } from '../doubles/clouds/vault.ts';
import { describeWithPrograms } from '../doubles/describe-with-programs.ts';
import { enterEnvironment } from '../doubles/environment.ts';
import { ANSWERS_PID, Workbench, nodeConfig, openDriver, uninterrupted } from '../stacks/workbench.ts';

/** Its program returns a secret. */
const GUARDED = join(import.meta.dirname, '../doubles/guarded-blueprint/index.ts');
const SECRET = 'a planned secret';
const RECORD = 'stacks/test/web-test-r1.json';

const CLOUDS: [title: string, start: () => Promise<Served>, make: (served: Served) => Promise<Bucket>][] = [
  ['azblob://', startAzure, makeAzureContainer],
  ['gs://', startGcs, makeGcsBucket],
];

for (const [title, start, make] of CLOUDS) {
  describeWithPrograms(`stacks whose state is at ${title}`, start, (served) => {
    it('are made, found by the next worker, looked at, and destroyed with their state', async function () {
      this.timeout(300_000);
      const bucket = await make(served());
      const leave = enterEnvironment(bucket.env);
      const bench = await Workbench.open({ state: { kind: 'objects', url: bucket.url } });
      try {
        const input = await bench.input(1, nodeConfig(ANSWERS_PID));
        const { endpoints } = await bench.driver.provision(input, uninterrupted());
        assert.ok(await bucket.get(RECORD));
        await bench.driver.close();
        await bench.reopen();
        assert.deepEqual((await bench.driver.provision(input, uninterrupted())).endpoints, endpoints);
        assert.deepEqual(await bench.driver.detectDrift(input, uninterrupted()), []);
        await bench.driver.destroy(input, uninterrupted());
        assert.deepEqual(await bench.driver.list(), []);
        assert.equal(await bucket.get(RECORD), undefined);
      } finally {
        await bench.close();
        leave();
      }
    });
  });
}

describeWithPrograms('stacks whose secrets are encrypted by a key of Vault', startVault, (vault) => {
  it('are no one else’s to read, and are refused to who names another key', async function () {
    this.timeout(300_000);
    const [own, other] = [await makeVaultKey(vault()), await makeVaultKey(vault())];
    const leave = enterEnvironment(own.env);
    const elsewhere = await mkdtemp(join(tmpdir(), 'supplant-elsewhere-'));
    const state = { kind: 'folder' as const, path: join(elsewhere, 'state') };
    const bench = await Workbench.open({ state, secretsProvider: own.url, blueprints: [GUARDED] });
    try {
      const input = await bench.input(1, nodeConfig(ANSWERS_PID), 'command', 'guarded');
      await bench.driver.provision(input, uninterrupted());
      const record = await readFile(join(state.path, '.pulumi', RECORD), 'utf8');
      assert.ok(record.includes('"type": "cloud"') && !record.includes(SECRET));
      await bench.driver.close();
      await assert.rejects(
        openDriver(bench.dataDir, { state, secretsProvider: other.url }),
        /is encrypted by hashivault:.*, not by hashivault:/,
      );
      await bench.reopen();
      assert.deepEqual(await bench.driver.detectDrift(input, uninterrupted()), []);
      await bench.driver.destroy(input, uninterrupted());
    } finally {
      await bench.close();
      leave();
      await rm(elsewhere, { recursive: true, force: true });
    }
  });
});
