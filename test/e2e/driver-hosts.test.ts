import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readLatestClaim } from '../../src/host/claims.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { isAlive, type ProcessIdentity } from '../../src/host/process-identity.ts';
import {
  BlueprintError,
  OtherHostError,
  StackError,
  type StackInput,
  type StackProgress,
} from '../../src/stacks/driver.ts';
import { openStore } from '../../src/store/store.ts';
import { CLOUD_VARIABLE } from '../doubles/shared-blueprint/index.ts';
import { describeWithPostgres } from '../postgres/with-postgres.ts';
import { operationFolders, runners } from '../stacks/leftovers.ts';
import { ANSWERS_PID, type DriverOptions, nodeConfig, uninterrupted, Workbench } from '../stacks/workbench.ts';

const SHARED = join(import.meta.dirname, '../doubles/shared-blueprint/index.ts');
const STACK = { project: 'test', stack: 'web-test-r1' };
/** Short, and long enough for a machine with much else to do. */
const LEASE_MS = 6_000;

/** Two data folders with one store, one state and one secret are two hosts. */
describeWithPostgres('stack drivers of two hosts', (cluster) => {
  let root: string;
  let cloud: string;
  let store: string;
  let a: Workbench;
  let b: Workbench;

  const optionsOf = (hostId: string): DriverOptions => ({
    ...{ store, hostId, leaseMs: LEASE_MS, state: { kind: 'postgres', url: store }, blueprints: [SHARED] },
    ...{ passphraseFile: join(root, 'passphrase'), supervise: false, stopGraceMs: 2_000 },
  });

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'supplant-hosts-'));
    cloud = join(root, 'cloud');
    await mkdir(cloud);
    process.env[CLOUD_VARIABLE] = cloud;
    store = await cluster().createDatabase();
    a = await Workbench.open(optionsOf('host-a'));
    b = await Workbench.open(optionsOf('host-b'));
  });
  afterEach(async () => {
    await writeFile(join(cloud, 'go'), '');
    await b.close();
    await a.close();
    Reflect.deleteProperty(process.env, CLOUD_VARIABLE);
    await rm(root, { recursive: true, force: true });
  });

  const made = async (): Promise<string[]> =>
    (await readFile(join(cloud, 'made.log'), 'utf8').catch(() => ''))
      .split('\n')
      .flatMap((line) => /^.+(?= by )/.exec(line) ?? []);
  const go = async (): Promise<void> => writeFile(join(cloud, 'go'), '');
  const checkpoint = async (): Promise<unknown> =>
    cluster().query(
      "select key, data::text, updated_at from supplant_state.pulumi_state where key like '%stacks/test/web-test-r1.json'",
      store,
    );

  /** A worker of host a in a process of its own, with its second resource in flight. */
  async function startOnA(
    input: StackInput,
  ): Promise<{ worker: ChildProcess; runner: ProcessIdentity; engine: ProcessIdentity }> {
    const script = join(import.meta.dirname, '../stacks/worker-process.ts');
    const args = [script, a.dataDir, 'provision', JSON.stringify(input), JSON.stringify(optionsOf('host-a'))];
    const worker = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    for await (const line of createInterface(worker.stdout)) if (line.split(' ').includes('i2')) break;
    return { worker, ...(await processesOfA()) };
  }

  async function processesOfA(): Promise<{ runner: ProcessIdentity; engine: ProcessIdentity }> {
    const [folder = ''] = await operationFolders(a.dataDir);
    const [runner, engine] = await Promise.all(['runner', 'engine'].map((name) => readLatestClaim(join(folder, name))));
    return { runner: runner!.holder!, engine: engine!.holder! };
  }

  it('wait for each other, and the one that waited takes what the other has made', async () => {
    const input = await a.input(1, {}, 'command', 'shared');
    const first = a.driver.provision(input, uninterrupted());
    assert.ok(await waitUntil(20_000, async () => (await made()).length === 1));
    const seen: StackProgress[] = [];
    const second = b.driver.provision(input, uninterrupted(seen));
    // For longer than a lease: it is renewed.
    assert.ok(await waitUntil(20_000, () => seen.length > LEASE_MS / 1_000 + 1));
    assert.ok(
      seen.every(({ message }) => message?.startsWith('waits for host-a, which works on it (pulumi up, begun ')),
    );
    await go();
    assert.deepEqual(await first, await second);
    assert.deepEqual(await made(), ['web-test-r1/i1', 'web-test-r1/i2']);
    await b.driver.destroy(input, uninterrupted());
    assert.deepEqual(await b.driver.list(), []);
  });

  it('take over from a host that was lost, once its lease is over, and adopt what it has made', async () => {
    const input = await b.input(1, {}, 'command', 'shared');
    const { worker, runner, engine } = await startOnA(input);
    worker.kill('SIGKILL');
    process.kill(runner.pid, 'SIGKILL');
    await once(worker, 'exit');
    // Whatever keeps the claim is gone, and so must be what works under it.
    assert.ok(await waitUntil(10_000, () => !isAlive(engine)));
    const seen: StackProgress[] = [];
    const provisioning = b.driver.provision(input, uninterrupted(seen));
    assert.ok(await waitUntil(30_000, () => seen.some(({ inProgress }) => inProgress.includes('i2'))));
    assert.match(seen[0]?.message ?? '', /^waits for host-a/);
    assert.ok(
      seen.some(({ message }) => message?.startsWith('ends what host-a left, which has lost its lease') === true),
    );
    await go();
    await provisioning;
    assert.deepEqual(await made(), ['web-test-r1/i1', 'web-test-r1/i2']);
    await b.driver.destroy(input, uninterrupted());
    assert.deepEqual(await readdir(join(cloud, 'test', 'web-test-r1')).catch(() => []), []);
  });

  it('end what a host goes on with that stood still for longer than its lease', async () => {
    const input = await b.input(1, {}, 'command', 'shared');
    const { worker, runner, engine } = await startOnA(input);
    const all = [runner.pid, worker.pid!, engine.pid];
    for (const pid of all.toReversed()) process.kill(pid, 'SIGSTOP');
    const provisioning = b.driver.provision(input, uninterrupted());
    assert.ok(await waitUntil(30_000, async () => (await claims())[0]?.host === 'host-b'));
    await go();
    await provisioning;
    const before = await checkpoint();
    for (const pid of all) process.kill(pid, 'SIGCONT');
    assert.ok(await waitUntil(10_000, () => !isAlive(engine) && !isAlive(runner)));
    worker.kill('SIGKILL');
    assert.deepEqual(await checkpoint(), before);
    assert.deepEqual(await made(), ['web-test-r1/i1', 'web-test-r1/i2']);
    await b.driver.destroy(input, uninterrupted());
    assert.deepEqual(await b.driver.list(), []);
  });

  it('go on under a lease that a runner keeps whose worker stands still', async () => {
    const input = await b.input(1, {}, 'command', 'shared');
    const { worker, engine } = await startOnA(input);
    worker.kill('SIGSTOP');
    const seen: StackProgress[] = [];
    const waiting = b.driver.provision(input, uninterrupted(seen));
    assert.ok(await waitUntil(30_000, () => seen.length > LEASE_MS / 1_000 + 2));
    worker.kill('SIGCONT');
    // Time enough to find out that it stood still.
    const before = seen.length;
    assert.ok(await waitUntil(30_000, () => seen.length > before + 2));
    assert.ok(isAlive(engine));
    await go();
    await waiting;
    assert.ok(seen.every(({ message }) => message?.startsWith('waits for host-a')));
    const engines =
      "select 1 from supplant_state.pulumi_state where key like '%history/test/web-test-r1/%.history.json'";
    assert.equal((await cluster().query(engines, store)).length, 1);
    worker.kill('SIGKILL');
    await b.driver.destroy(input, uninterrupted());
  });

  it('end what they do in time while nobody answers who could renew its claim, and do it again afterwards', async () => {
    const input = await a.input(1, {}, 'command', 'shared');
    const first = assert.rejects(a.driver.provision(input, uninterrupted()), StackError);
    assert.ok(await waitUntil(20_000, async () => (await made()).length === 1));
    const { engine } = await processesOfA();
    const [before] = await claims();
    await cluster().stop('immediate');
    try {
      assert.ok(await waitUntil(LEASE_MS, () => !isAlive(engine)));
    } finally {
      await cluster().start();
    }
    await first;
    await go();
    await a.driver.provision(input, uninterrupted());
    assert.deepEqual(await made(), ['web-test-r1/i1', 'web-test-r1/i2']);
    assert.equal(before?.host, 'host-a');
    assert.deepEqual(await claims(), []);
    await a.driver.destroy(input, uninterrupted());
  });

  it('take what a runner has kept whose host was lost before anybody had heard of it', async () => {
    const input = await b.input(1, {}, 'command', 'shared');
    const { worker, runner } = await startOnA(input);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await go();
    assert.ok(await waitUntil(20_000, () => !isAlive(runner)));
    assert.notEqual((await claims())[0]?.kept, undefined);
    const seen: StackProgress[] = [];
    await b.driver.provision(input, uninterrupted(seen));
    assert.ok(seen.some(({ message }) => message?.startsWith('carries on what host-a left') === true));
    assert.deepEqual(await made(), ['web-test-r1/i1', 'web-test-r1/i2']);
    assert.equal((await operationFolders(b.dataDir)).length, 0);
  });

  it('touch nothing that is bound to the other one, and give it up once that one was forgotten', async () => {
    const input = await a.input(1, nodeConfig(ANSWERS_PID));
    await a.driver.provision(input, uninterrupted());
    const [pid = 0] = await a.pids();
    const before = await checkpoint();
    const refused = [
      () => b.driver.destroy(input, uninterrupted()),
      () => b.driver.provision(input, uninterrupted()),
      () => b.driver.preview(input, uninterrupted()),
      () => b.driver.detectDrift(input, uninterrupted()),
      () => b.driver.reap(STACK, uninterrupted()),
    ];
    for (const each of refused) {
      await assert.rejects(each(), (error) => error instanceof OtherHostError && error.host === 'host-a');
    }
    assert.deepEqual(await checkpoint(), before);
    assert.deepEqual(await a.pids(), [pid]);
    await unbind('host-a');
    await assert.rejects(
      b.driver.provision(input, uninterrupted()),
      (error) => error instanceof BlueprintError && error.message.includes('was on host host-a, which was forgotten'),
    );
    const seen: StackProgress[] = [];
    await b.driver.destroy(input, uninterrupted(seen));
    assert.match(seen[0]?.message ?? '', /is given up with its host/);
    assert.deepEqual(await b.driver.list(), []);
    // A host that comes back all the same finds what runs there, and can destroy it.
    assert.deepEqual(await a.pids(), [pid]);
    await a.driver.reap(STACK, uninterrupted());
    assert.deepEqual(await a.pids(), []);
  });

  it('say of a stack that was never made that it is gone, wherever they are asked', async () => {
    await b.driver.destroy(await b.input(1, nodeConfig(ANSWERS_PID)), uninterrupted());
    assert.ok(runners(b.dataDir).length <= 1);
  });

  async function claims() {
    const { ledger, close } = await openStore(store, { isPrepared: true });
    return ledger.operations.list().finally(close);
  }

  async function unbind(host: string): Promise<void> {
    const { ledger, close } = await openStore(store, { isPrepared: true });
    await ledger.commissions.unbind(host).finally(close);
  }
});
