import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildEngineEnvironment } from '../../src/stacks/pulumi/runner/environment.ts';
import { EngineCli } from '../../src/stacks/pulumi/state/engine-cli.ts';
import { describeWithAws } from '../doubles/aws/with-aws.ts';
import { MotoBucket, createMotoKey, enterMoto, enterStranger } from '../stacks/pulumi/state/moto-buckets.ts';
import { surroundState } from '../stacks/pulumi/state/surroundings.ts';
import { ANSWERS_PID, nodeConfig, openDriver, uninterrupted, Workbench } from '../stacks/workbench.ts';

/** Its program returns a secret. */
const GUARDED = join(import.meta.dirname, '../doubles/guarded-blueprint/index.ts');
const SECRET = 'a planned secret';

describeWithAws(
  'stacks whose state a cloud has a part in',
  (emulators) => {
    let leave: () => void;
    let elsewhere: string;
    beforeEach(async () => {
      leave = enterMoto();
      elsewhere = await mkdtemp(join(tmpdir(), 'supplant-elsewhere-'));
    });
    afterEach(async () => {
      leave();
      await rm(elsewhere, { recursive: true, force: true });
    });

    it('are made, found by the next worker and destroyed with their state in a bucket, where they leave nothing', async function () {
      this.timeout(300_000);
      const bucket = await MotoBucket.create(emulators().moto.url);
      const state = { kind: 'objects' as const, url: bucket.url };
      await using bench = await openBench({ state });
      const input = await bench.input(1, nodeConfig(ANSWERS_PID));
      const { endpoints } = await bench.driver.provision(input, uninterrupted());
      await bench.driver.close();
      await bench.reopen();
      assert.deepEqual((await bench.driver.provision(input, uninterrupted())).endpoints, endpoints);
      assert.deepEqual(await bench.driver.detectDrift(input, uninterrupted()), []);
      await assert.rejects(openDriver(elsewhere, { state }), /passphrase is missing or empty; put the first one back/);
      await bench.driver.destroy(input, uninterrupted());
      assert.deepEqual(await bench.driver.list(), []);
      const left = (await bucket.list()).filter((name) => !name.includes('/Supplant/'));
      assert.deepEqual(left, ['fleet/.pulumi/meta.yaml']);
    });

    it('keep what is secret under a key of the cloud alone, which every operation finds', async function () {
      this.timeout(300_000);
      const secretsProvider = await createMotoKey(emulators().moto.url);
      await using bench = await openBench({ secretsProvider, blueprints: [GUARDED] });
      const input = await bench.input(1, nodeConfig(ANSWERS_PID), 'command', 'guarded');
      await bench.driver.provision(input, uninterrupted());
      const folder = join(bench.dataDir, 'state');
      const record = await readFile(join(folder, '.pulumi/stacks/test/web-test-r1.json'), 'utf8');
      assert.ok(record.includes('"type": "cloud"') && !record.includes(SECRET));
      assert.ok(!(await readdir(bench.dataDir)).includes('passphrase'));
      const surroundings = {
        ...surroundState({ kind: 'folder', path: folder }, elsewhere),
        passphraseFile: '/nowhere',
      };
      const env = buildEngineEnvironment(surroundings, { providers: {}, startsPlugins: false });
      const cli = new EngineCli(surroundings.pulumiPath, env, elsewhere);
      const asked = ['stack', 'output', 'hidden', '--show-secrets', '--stack', 'organization/test/web-test-r1'];
      assert.equal((await cli.run(asked, { project: 'test' })).stdout.trim(), SECRET);
      await bench.driver.close();
      await bench.reopen();
      assert.deepEqual(await bench.driver.detectDrift(input, uninterrupted()), []);
      await bench.driver.destroy(input, uninterrupted());
    });

    it('are refused to who has no such key any more, another one, or a passphrase, before anything is written', async function () {
      this.timeout(300_000);
      const { url } = emulators().moto;
      const bucket = await MotoBucket.create(url);
      const state = { kind: 'objects' as const, url: bucket.url };
      const [secretsProvider, other] = [await createMotoKey(url), await createMotoKey(url)];
      const driver = await openDriver(elsewhere, { state, secretsProvider });
      await driver.close();
      const again = join(elsewhere, 'again');
      const second = await openDriver(again, { state, secretsProvider });
      await second.close();
      assert.equal(await readFile(join(again, 'marks'), 'utf8'), await readFile(join(elsewhere, 'marks'), 'utf8'));
      const before = await bucket.list();
      const third = join(elsewhere, 'third');
      await assert.rejects(
        openDriver(third, { state, secretsProvider: other }),
        /is encrypted by awskms:.*, not by awskms:/,
      );
      await assert.rejects(
        openDriver(third, { state }),
        /is encrypted by a secrets provider: name it in SUPPLANT_SECRETS_PROVIDER/,
      );
      const leaveStranger = await enterStranger(url);
      try {
        await assert.rejects(
          openDriver(third, { state, secretsProvider }),
          /the secrets provider awskms:\/\/[\w-]+ does not decrypt the key that the state is encrypted with: /,
        );
      } finally {
        leaveStranger();
      }
      assert.deepEqual(await bucket.list(), before);
    });
  },
  { ministack: false },
);

async function openBench(options: Parameters<typeof Workbench.open>[0]): Promise<Workbench & AsyncDisposable> {
  const bench = await Workbench.open(options);
  return Object.assign(bench, { [Symbol.asyncDispose]: async () => bench.close() });
}
