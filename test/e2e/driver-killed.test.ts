import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { EngineError, type StackInput } from '../../src/stacks/driver.ts';
import { endpointUrl } from '../../src/domain/revision.ts';
import { holdsWithin } from '../../src/host/polling.ts';
import type { Blueprint } from '../../src/stacks/blueprint.ts';
import { ANSWERS_PID, nodeConfig, uninterrupted, Workbench } from '../stacks/workbench.ts';

/** Listens once the file in its working folder's parent is there, so that a create is in flight for as long as needed. */
const LISTENS_WHEN_TOLD = `const go = require('path').join(process.cwd(), '..', 'go');
const wait = setInterval(() => { if (require('fs').existsSync(go)) { clearInterval(wait); ${ANSWERS_PID} } }, 10);`;

describe('stack driver whose host process is killed', () => {
  let bench: Workbench;
  beforeEach(async () => (bench = await Workbench.open({ supervise: false, stopGraceMs: 2_000 })));
  afterEach(async () => bench.close());

  it('completes an interrupted create with one set of processes, and destroys it without a trace', async () => {
    const input = await bench.input(1, nodeConfig(LISTENS_WHEN_TOLD));
    await killedInTheMiddle(bench, 'provision', input, []);
    await completes(bench, input);
  });

  it('does so when the engine was killed too, leaving a lock and a pending operation', async () => {
    const input = await bench.input(1, nodeConfig(LISTENS_WHEN_TOLD));
    await killedInTheMiddle(bench, 'provision', input, [engineOf(bench)]);
    const state = await readFile(join(bench.dataDir, 'state/.pulumi/stacks/test/web-test-r1.json'), 'utf8');
    assert.match(state, /"pending_operations"/);
    assert.equal((await locks(bench)).length, 1);
    await completes(bench, input);
  });

  it('destroys an interrupted create that nobody wants any more', async () => {
    const input = await bench.input(1, nodeConfig(LISTENS_WHEN_TOLD));
    await killedInTheMiddle(bench, 'provision', input, [engineOf(bench)]);
    assert.equal((await bench.pids()).length, 1);
    await bench.driver.destroy(input, uninterrupted());
    await nothingIsLeft(bench);
  });

  it('completes an interrupted destroy', async () => {
    const input = await bench.input(1, nodeConfig(`process.on('SIGTERM', () => {}); ${ANSWERS_PID}`));
    await bench.driver.provision(input, uninterrupted());
    await killedInTheMiddle(bench, 'destroy', input, []);
    assert.equal((await bench.pids()).length, 1);
    await bench.driver.destroy(input, uninterrupted());
    await nothingIsLeft(bench);
  });
});

describe('stack driver whose engine hangs', () => {
  it('ends it, says so, and can work on the stack again', async () => {
    const hanging = async (): Promise<Blueprint> => ({
      name: 'hanging',
      digest: 'a'.repeat(64),
      providers: {},
      check: async () => [],
      program: () => async () => new Promise(() => undefined),
      inventory: async () => [],
      sweep: async () => undefined,
      close: async () => undefined,
    });
    const bench = await Workbench.open({ blueprints: [hanging], idleMs: 500, stopGraceMs: 1_000 });
    try {
      const input = await bench.input(1, {}, 'anything', 'hanging');
      await assert.rejects(bench.driver.provision(input, uninterrupted()), (error: unknown) => {
        assert.ok(error instanceof EngineError);
        assert.match(error.message, /made no progress/);
        return true;
      });
      // On a busy machine an honest engine, too, is silent for longer than that.
      await bench.driver.close();
      await bench.reopen({ idleMs: 60_000 });
      await bench.driver.destroy(input, uninterrupted());
      await nothingIsLeft(bench);
    } finally {
      await bench.close();
    }
  });
});

/** Kills the host process, and what `also` names at that moment, while the create or delete of p1 is in flight. */
async function killedInTheMiddle(
  bench: Workbench,
  operation: 'provision' | 'destroy',
  input: StackInput,
  also: (() => number)[],
): Promise<void> {
  const script = join(import.meta.dirname, '../stacks/worker-process.ts');
  const host = spawn(process.execPath, [script, bench.dataDir, operation, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await reported(host, 'p1');
  assert.ok(await holdsWithin(10_000, async () => (await bench.pids()).length === 1));
  for (const pid of also) process.kill(pid(), 'SIGKILL');
  host.kill('SIGKILL');
  await once(host, 'exit');
}

async function reported(host: ChildProcess, resource: string): Promise<void> {
  for await (const line of createInterface(host.stdout!)) {
    if (line.split(' ').includes(resource)) return;
  }
  assert.fail(`the host process ended before it began ${resource}`);
}

function engineOf(bench: Workbench): () => number {
  return () => {
    const db = new DatabaseSync(join(bench.dataDir, 'operations.sqlite'), { readOnly: true });
    try {
      return (db.prepare('SELECT engine_pid FROM claims').get() as { engine_pid: number }).engine_pid;
    } finally {
      db.close();
    }
  };
}

async function completes(bench: Workbench, input: StackInput): Promise<void> {
  const [left] = await bench.pids();
  await writeFile(join(bench.dataDir, 'local-process/revisions/test/web-test-r1/go'), '');
  const { endpoints } = await bench.driver.provision(input, uninterrupted());
  assert.deepEqual(await bench.pids(), [left]);
  const answer = await (await fetch(endpointUrl(endpoints[0]!))).text();
  assert.equal(Number(answer), left);
  assert.deepEqual(await locks(bench), []);
  const state = await readFile(join(bench.dataDir, 'state/.pulumi/stacks/test/web-test-r1.json'), 'utf8');
  assert.doesNotMatch(state, /"pending_operations"/);
  await bench.driver.destroy(input, uninterrupted());
  await nothingIsLeft(bench);
}

async function nothingIsLeft(bench: Workbench): Promise<void> {
  assert.deepEqual(await bench.pids(), []);
  assert.deepEqual(await bench.driver.list(), []);
  assert.deepEqual(await locks(bench), []);
  assert.deepEqual(await readdir(join(bench.dataDir, 'work')), []);
}

async function locks(bench: Workbench): Promise<string[]> {
  const folder = join(bench.dataDir, 'state/.pulumi/locks/organization/test/web-test-r1');
  return (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
}
