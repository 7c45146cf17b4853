import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StackInput, StackProgress } from '../../src/stacks/driver.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import { readLatestClaim } from '../../src/host/claims.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { isAlive, type ProcessIdentity } from '../../src/host/process-identity.ts';
import { leftovers, operationFolders, runners } from '../stacks/leftovers.ts';
import { ANSWERS_PID, nodeConfig, uninterrupted, Workbench } from '../stacks/workbench.ts';

/** Does `then` once the file of that name is in its revision's folder: steps are in flight for as long as needed. */
const when = (name: string, then: string): string =>
  `const wait = setInterval(() => {
    if (require('fs').existsSync(require('path').join(process.cwd(), '..', '${name}'))) { clearInterval(wait); ${then} }
  }, 10);`;
const LISTENS_WHEN_TOLD = when('go', ANSWERS_PID);
const ENDS_WHEN_TOLD = `process.on('SIGTERM', () => { ${when('end', 'process.exit()')} }); ${ANSWERS_PID}`;

describe('stack driver whose worker is killed', () => {
  let bench: Workbench;
  beforeEach(async () => (bench = await Workbench.open({ supervise: false, stopGraceMs: 2_000 })));
  afterEach(async () => {
    await bench.close();
  });

  it('takes over a create that goes on meanwhile: same runner, same engine, same process', async () => {
    const input = await bench.input(1, nodeConfig(LISTENS_WHEN_TOLD));
    const { runner, engine } = await killedInTheMiddle(bench, 'provision', input);
    const [pid] = await bench.pids();
    const seen: StackProgress[] = [];
    const provisioning = bench.driver.provision(input, uninterrupted(seen));
    assert.ok(await waitUntil(10_000, () => seen.some(({ inProgress }) => inProgress.includes('p1'))));
    assert.match(seen[0]?.message ?? '', /^carries on what a dead worker left: pulumi up of process \d+/);
    assert.ok(isAlive(runner) && isAlive(engine));
    assert.equal((await operationFolders(bench.dataDir)).length, 1);
    await tell(bench, 'go');
    const { endpoints } = await provisioning;
    assert.equal(Number(await (await fetch(formatEndpointUrl(endpoints[0]!))).text()), pid);
    assert.deepEqual(await bench.pids(), [pid]);
    assert.equal(await updates(bench), 1);
    await destroysAll(bench, input);
  });

  it('takes the outcome of a create that was through before anybody asked, after a sweep too', async () => {
    const input = await bench.input(1, nodeConfig(LISTENS_WHEN_TOLD));
    const { runner } = await killedInTheMiddle(bench, 'provision', input);
    const [pid] = await bench.pids();
    await tell(bench, 'go');
    assert.ok(await waitUntil(20_000, () => !isAlive(runner)));
    // A worker that begins finds its folder, and keeps no more than what came of it.
    await bench.driver.close();
    await bench.reopen();
    assert.ok(await waitUntil(10_000, async () => (await operationFolders(bench.dataDir)).length === 0));
    await bench.driver.provision(input, uninterrupted());
    assert.deepEqual(await bench.pids(), [pid]);
    assert.equal(await updates(bench), 1);
    await destroysAll(bench, input);
  });

  it('takes over a destroy', async () => {
    const input = await bench.input(1, nodeConfig(ENDS_WHEN_TOLD, { stopGrace: '1m' }));
    await bench.driver.provision(input, uninterrupted());
    const { engine } = await killedInTheMiddle(bench, 'destroy', input);
    const destroying = bench.driver.destroy(input, uninterrupted());
    await tell(bench, 'end');
    await destroying;
    assert.ok(!isAlive(engine));
    await nothingIsLeft(bench);
  });

  it('stops a create cleanly when a destroy is wanted instead', async () => {
    const input = await bench.input(1, nodeConfig(LISTENS_WHEN_TOLD));
    const { runner, engine } = await killedInTheMiddle(bench, 'provision', input);
    const seen: StackProgress[] = [];
    await bench.driver.destroy(input, uninterrupted(seen));
    assert.match(seen[0]?.message ?? '', /^ends what a dead worker left: pulumi up/);
    assert.ok(!isAlive(engine));
    assert.ok(await waitUntil(10_000, () => !isAlive(runner)));
    await nothingIsLeft(bench);
  });

  it('looks anew for drift, whatever a look has found that nobody waits for any more', async () => {
    const input = await bench.input(1, nodeConfig(ANSWERS_PID));
    await bench.driver.provision(input, uninterrupted());
    const [pid = 0] = await bench.pids();
    process.kill(pid, 'SIGKILL');
    const worker = startWorker(bench, 'detectDrift', input);
    await said(worker, 'p1');
    const [folder = ''] = await operationFolders(bench.dataDir);
    worker.kill('SIGKILL');
    const outcome = (): Promise<string> => readFile(join(folder, 'outcome.json'), 'utf8').catch(() => '');
    assert.ok(await waitUntil(20_000, async () => (await outcome()).includes('"gone"')));
    await bench.driver.close();
    await bench.reopen({ supervise: true });
    assert.ok(await waitUntil(10_000, async () => (await bench.pids()).length === 1));
    assert.deepEqual(await bench.driver.detectDrift(input, uninterrupted()), []);
    assert.equal((await operationFolders(bench.dataDir)).length, 0);
  });

  it('makes anew what was stopped at the wish of nobody who still lives', async () => {
    const input = await bench.input(1, nodeConfig(LISTENS_WHEN_TOLD));
    const { runner } = await killedInTheMiddle(bench, 'provision', input);
    process.kill(runner.pid, 'SIGTERM');
    assert.ok(await waitUntil(20_000, () => !isAlive(runner)));
    await completes(bench, input);
  });

  it('makes anew what a killed runner left, whose engine it does not wait for', async () => {
    const input = await bench.input(1, nodeConfig(LISTENS_WHEN_TOLD));
    const { runner, engine } = await killedInTheMiddle(bench, 'provision', input);
    process.kill(runner.pid, 'SIGKILL');
    await completes(bench, input);
    assert.ok(!isAlive(engine));
  });

  it('does so after a power cut, which leaves a lock and a pending operation', async () => {
    const input = await bench.input(1, nodeConfig(LISTENS_WHEN_TOLD));
    await powerCut(bench, input);
    await completes(bench, input);
  });

  it('destroys what a power cut left and nobody wants any more', async () => {
    const input = await bench.input(1, nodeConfig(LISTENS_WHEN_TOLD));
    await powerCut(bench, input);
    // What the cut caught between two processes takes a moment to become one.
    assert.ok(await waitUntil(10_000, async () => (await bench.pids()).length === 1));
    await bench.driver.destroy(input, uninterrupted());
    await nothingIsLeft(bench);
  });

  it('has its idle runner end with it', async () => {
    const input = await bench.input(1, nodeConfig(ANSWERS_PID));
    const others = runners(bench.dataDir);
    const worker = startWorker(bench, 'provision', input);
    await said(worker, 'done');
    const own = runners(bench.dataDir).filter(({ pid }) => others.every((other) => other.pid !== pid));
    assert.equal(own.length, 1);
    worker.kill('SIGKILL');
    assert.ok(await waitUntil(10_000, () => !isAlive(own[0]!)));
    await destroysAll(bench, input);
  });
});

interface UnderWay {
  runner: ProcessIdentity;
  engine: ProcessIdentity;
}

/** Kills the worker while the create or delete of p1 is in flight. Returns what goes on without it. */
async function killedInTheMiddle(
  bench: Workbench,
  operation: 'provision' | 'destroy',
  input: StackInput,
): Promise<UnderWay> {
  const worker = startWorker(bench, operation, input);
  await said(worker, 'p1');
  assert.ok(await waitUntil(10_000, async () => (await bench.pids()).length === 1));
  const [folder = ''] = await operationFolders(bench.dataDir);
  const [runner, engine] = await Promise.all(
    ['runner', 'engine'].map(async (name) => readLatestClaim(join(folder, name))),
  );
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  return { runner: runner!.holder!, engine: engine!.holder! };
}

async function powerCut(bench: Workbench, input: StackInput): Promise<void> {
  const { runner, engine } = await killedInTheMiddle(bench, 'provision', input);
  for (const { pid } of [engine, runner]) process.kill(pid, 'SIGKILL');
  assert.ok(await waitUntil(10_000, () => !isAlive(engine) && !isAlive(runner)));
  assert.match(await stateOf(bench), /"pending_operations"/);
  assert.equal((await leftovers(bench.dataDir)).locks.length, 1);
}

function startWorker(
  bench: Workbench,
  operation: 'provision' | 'destroy' | 'detectDrift',
  input: StackInput,
): ChildProcess {
  const script = join(import.meta.dirname, '../stacks/worker-process.ts');
  return spawn(process.execPath, [script, bench.dataDir, operation, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function said(worker: ChildProcess, word: string): Promise<void> {
  for await (const line of createInterface(worker.stdout!)) {
    if (line.split(' ').includes(word)) return;
  }
  assert.fail(`the worker ended before it said ${word}`);
}

/** Creates files that the revision's process waits for. */
async function tell(bench: Workbench, name: string): Promise<void> {
  await writeFile(join(bench.dataDir, 'local-process/revisions/test/web-test-r1', name), '');
}

async function stateOf(bench: Workbench): Promise<string> {
  return readFile(join(bench.dataDir, 'state/.pulumi/stacks/test/web-test-r1.json'), 'utf8');
}

/** How many engine runs have ended on the stack, as the engine itself counts them. */
async function updates(bench: Workbench): Promise<number> {
  const names = await readdir(join(bench.dataDir, 'state/.pulumi/history/test/web-test-r1'));
  return names.filter((name) => name.endsWith('.history.json')).length;
}

/** Provisions with the process that is there, and leaves nothing when it is destroyed. */
async function completes(bench: Workbench, input: StackInput): Promise<void> {
  const [pid] = await bench.pids();
  await tell(bench, 'go');
  const { endpoints } = await bench.driver.provision(input, uninterrupted());
  assert.deepEqual(await bench.pids(), pid === undefined ? await bench.pids() : [pid]);
  const answer = await (await fetch(formatEndpointUrl(endpoints[0]!))).text();
  assert.deepEqual(await bench.pids(), [Number(answer)]);
  assert.doesNotMatch(await stateOf(bench), /"pending_operations"/);
  await destroysAll(bench, input);
}

async function destroysAll(bench: Workbench, input: StackInput): Promise<void> {
  await bench.driver.destroy(input, uninterrupted());
  await nothingIsLeft(bench);
}

async function nothingIsLeft(bench: Workbench): Promise<void> {
  assert.deepEqual(await bench.pids(), []);
  assert.deepEqual(await bench.driver.list(), []);
  // The driver's own runner waits for work; one that has done its last ends a moment after its outcome is there.
  assert.ok(await waitUntil(10_000, () => runners(bench.dataDir).length <= 1));
  assert.deepEqual(await leftovers(bench.dataDir), { locks: [], work: [], engines: [] });
}
