import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { waitUntil } from '../../src/host/polling.ts';
import { type ReapContext, StackBusyError } from '../../src/stacks/driver.ts';
import { ANSWERS_PID, nodeConfig, storeOf, uninterrupted, Workbench } from '../stacks/workbench.ts';

function reaping(more: Partial<ReapContext> = {}): ReapContext {
  return { ...uninterrupted(), ...more };
}

describe('reaping a stack by its name, with the real engine', () => {
  let bench: Workbench;
  before(async () => (bench = await Workbench.open({ supervise: false })));
  after(async () => bench.close());

  const name = (revision: number) => ({ project: 'test', stack: `web-test-r${revision}` });

  /** A stack, which the driver has forgotten what it is made from. */
  async function forgotten(revision: number): Promise<void> {
    await bench.driver.provision(await bench.input(revision, nodeConfig(ANSWERS_PID)), uninterrupted());
    await bench.driver.close();
    using ledger = new DatabaseSync(storeOf(bench.dataDir));
    for (const table of ['operations', 'commissions']) ledger.exec(`delete from ${table}`);
    await bench.reopen();
  }

  async function assertGone(): Promise<void> {
    assert.deepEqual(await bench.pids(), []);
    assert.deepEqual(await bench.driver.list(), []);
  }

  it('destroys what it has made itself, by what it noted then', async () => {
    await bench.driver.provision(await bench.input(1, nodeConfig(ANSWERS_PID)), uninterrupted());
    await bench.driver.reap(name(1), reaping());
    await assertGone();
    await bench.driver.reap(name(1), reaping());
  });

  it('destroys one that nobody knows: state and processes', async () => {
    await forgotten(2);
    await bench.driver.reap(name(2), reaping());
    await assertGone();
  });

  it('destroys one of which there are only processes', async () => {
    await forgotten(3);
    await rm(join(bench.dataDir, 'state', '.pulumi'), { recursive: true, force: true });
    assert.equal((await bench.pids()).length, 1);
    await bench.driver.reap(name(3), reaping());
    await assertGone();
  });

  it('destroys one of which there is only a state', async () => {
    await forgotten(4);
    for (const pid of await bench.pids()) process.kill(pid, 'SIGKILL');
    assert.ok(await waitUntil(5_000, async () => (await bench.pids()).length === 0));
    await rm(join(bench.dataDir, 'local-process', 'revisions'), { recursive: true, force: true });
    await rm(join(bench.dataDir, 'local-process', 'ports'), { recursive: true, force: true });
    assert.deepEqual(
      (await bench.driver.list()).map(({ stack }) => stack),
      ['web-test-r4'],
    );
    await bench.driver.reap(name(4), reaping());
    await assertGone();
  });

  it('leaves one alone that turns out to have an owner', async () => {
    const input = await bench.input(5, nodeConfig(ANSWERS_PID));
    const outputs = await bench.driver.provision(input, uninterrupted());
    const refused = reaping({ confirm: () => Promise.reject(new Error('it is somebody’s')) });
    await assert.rejects(bench.driver.reap(name(5), refused), /it is somebody’s/);
    assert.equal((await bench.pids()).length, 1);
    assert.deepEqual(await bench.driver.provision(input, uninterrupted()), outputs);
  });

  it('asks only once nobody else works on it', async () => {
    const input = await bench.input(6, nodeConfig(ANSWERS_PID));
    let asked = 0;
    const confirm = async (): Promise<void> => {
      asked += 1;
    };
    const begun = Promise.withResolvers<undefined>();
    const provisioning = bench.driver.provision(input, {
      ...uninterrupted(),
      onProgress: () => begun.resolve(undefined),
    });
    await begun.promise;
    await assert.rejects(bench.driver.reap(name(6), reaping({ confirm })), StackBusyError);
    assert.equal(asked, 0);
    await provisioning;
    await bench.driver.reap(name(6), reaping({ confirm }));
    assert.equal(asked, 1);
  });
});
