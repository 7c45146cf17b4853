import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStateStore } from '../../src/stacks/pulumi/state/file-state-store.ts';
import type { StatePlace } from '../../src/stacks/pulumi/state/place.ts';
import { ANSWERS_PID, Workbench, nodeConfig, openDriver, uninterrupted } from '../stacks/workbench.ts';
import { PASSWORD } from '../postgres/new-cluster.ts';
import { describeWithPostgres } from '../postgres/with-postgres.ts';

describeWithPostgres('stacks whose state is in Postgres', (cluster) => {
  let state: StatePlace;
  let bench: Workbench;

  beforeEach(async () => {
    state = { kind: 'postgres', url: await cluster().createDatabase() };
    bench = await Workbench.open({ state });
  });
  afterEach(() => bench.close());

  const resources = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await bench.driver.list()).map((found) => [found.stack, found.resources]));

  it('are made, found by the next worker, previewed, looked at and destroyed by the engine, and leave nothing', async () => {
    const input = await bench.input(1, nodeConfig(ANSWERS_PID));
    const { endpoints } = await bench.driver.provision(input, uninterrupted());
    const [{ port } = { port: 0 }] = endpoints;
    const answer = await (await fetch(`http://127.0.0.1:${port}`)).text();
    await bench.driver.close();
    await bench.reopen();
    const [found] = await bench.driver.list({ project: 'test', stack: 'web-test-r1' });
    assert.deepEqual(
      found?.processes?.map(({ isAlive }) => isAlive),
      [true],
    );
    assert.deepEqual((await bench.driver.provision(input, uninterrupted())).endpoints, endpoints);
    assert.deepEqual(await bench.driver.detectDrift(input, uninterrupted()), []);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}`)).text(), answer);
    const other = await bench.input(2, nodeConfig(ANSWERS_PID));
    const plan = await bench.driver.preview(other, uninterrupted());
    assert.ok((plan.changes.create ?? 0) > 0);
    assert.deepEqual(Object.keys(await resources()), ['web-test-r1']);
    await bench.driver.destroy(input, uninterrupted());
    assert.deepEqual(await resources(), {});
    const left = await cluster().query(
      "select key from supplant_state.pulumi_state where key not like '%/meta.yaml'",
      state.kind === 'postgres' ? state.url : '',
    );
    assert.deepEqual(left, []);
  });

  it('are refused to a machine that has another secret, before it writes anything', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'supplant-elsewhere-'));
    try {
      await assert.rejects(openDriver(folder, { state }), /passphrase is missing or empty; put the first one back/);
      await assert.rejects(readFile(join(folder, 'passphrase')), /ENOENT/);
      const passphraseFile = join(bench.dataDir, 'passphrase');
      const driver = await openDriver(folder, { state, passphraseFile });
      await driver.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('are not made from a data folder that has stacks of its own, which would be lost sight of', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'supplant-moved-'));
    try {
      const own = new FileStateStore(join(folder, 'state'));
      await own.initialise({ project: 'test', stack: 'web-test-r1' });
      const message =
        /state holds the state of stacks \(1, web-test-r1 among them\).*keep it there with SUPPLANT_STATE=/;
      await assert.rejects(openDriver(folder, { state }), message);
      await own.forget({ project: 'test', stack: 'web-test-r1' });
      const passphraseFile = join(bench.dataDir, 'passphrase');
      await (await openDriver(folder, { state, passphraseFile })).close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('say without the database’s password what went wrong with it', async () => {
    const input = await bench.input(1, nodeConfig(ANSWERS_PID));
    await cluster().query('drop schema supplant_state cascade', state.kind === 'postgres' ? state.url : '');
    await assert.rejects(bench.driver.provision(input, uninterrupted()), (error: Error) => {
      assert.match(error.message, /^the state at postgres:\/\/owner@127\.0\.0\.1:\d+\/test_\d+ cannot be used: /);
      assert.ok(!JSON.stringify(error).includes(encodeURIComponent(PASSWORD)));
      return true;
    });
    await bench.driver.close();
    await bench.reopen();
  });
});
