import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPath, latestClaim } from '../../../src/host/claims.ts';
import { createProcess } from '../../../blueprints/local-process/create-process.ts';
import { inventory, runningProcesses, sweep } from '../../../blueprints/local-process/inventory.ts';
import { recordPath, revisionDir } from '../../../blueprints/local-process/layout.ts';
import { reservations } from '../../../blueprints/local-process/ports.ts';
import { removeProcess } from '../../../blueprints/local-process/processes.ts';
import type { ProcessSpec } from '../../../blueprints/local-process/records.ts';
import { ensureRelease } from '../../../blueprints/local-process/release.ts';
import { startSupervisor } from '../../../blueprints/local-process/supervisor.ts';
import { bootId, identify, isAlive } from '../../../src/host/process-identity.ts';
import { holdsWithin } from '../../../src/host/polling.ts';
import { ANSWERS_PID } from '../../stacks/workbench.ts';

const STACK = { project: 'test', stack: 'web-test-r1' };

describe('a process of local-process', () => {
  let dataDir: string;
  let path: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'supplant-process-'));
    path = recordPath(revisionDir(dataDir, STACK), 'p1');
    await ensureRelease(dataDir, revisionDir(dataDir, STACK), 'command', ['true']);
  });
  afterEach(async () => {
    await sweep(dataDir, STACK);
    assert.deepEqual(await runningProcesses(dataDir), []);
    assert.deepEqual(await inventory(dataDir), []);
    await rm(dataDir, { recursive: true, force: true });
  });

  function spec(source: string, more: Partial<ProcessSpec> = {}): ProcessSpec {
    const directory = join(revisionDir(dataDir, STACK), 'app');
    const command = [process.execPath, '-e', source];
    return { command, env: {}, passEnv: [], directory, startTimeoutMs: 10_000, stopGraceMs: 2_000, ...more };
  }

  async function create(source: string, more: Partial<ProcessSpec> = {}) {
    return createProcess(dataDir, path, 'p1', spec(source, more));
  }

  async function pids(): Promise<number[]> {
    return (await runningProcesses(dataDir)).map(({ pid }) => pid);
  }

  it('is made once however often and by however many it is asked for', async () => {
    const records = await Promise.all(Array.from({ length: 8 }, async () => create(ANSWERS_PID)));
    const [pid] = await pids();
    assert.deepEqual(await pids(), [pid]);
    assert.equal(new Set(records.map(({ port }) => port)).size, 1);
    assert.deepEqual(await reservations(dataDir), [[records[0]!.port, path]]);
    await create(ANSWERS_PID);
    assert.deepEqual(await pids(), [pid]);
  });

  it('is not taken over by a create that wants another one', async () => {
    await create(ANSWERS_PID);
    await assert.rejects(create(`${ANSWERS_PID};0`), /exists and differs: a revision never changes/);
    assert.equal((await pids()).length, 1);
  });

  it('gets its port in {port}, {host} and the environment, and what is passed on by name', async () => {
    process.env.SUPPLANT_TEST_TOKEN = 'secret';
    const source = `require('fs').writeFileSync('seen', JSON.stringify([process.env.COLOUR, process.env.SUPPLANT_TEST_TOKEN, process.env.PORT, process.argv[1]])); ${ANSWERS_PID}`;
    const command = [process.execPath, '-e', source, '{host}:{port}'];
    const more = { command, env: { COLOUR: 'blue {port}' }, passEnv: ['SUPPLANT_TEST_TOKEN'] };
    const { port } = await create(source, more);
    const seen = await readFile(join(revisionDir(dataDir, STACK), 'app', 'seen'), 'utf8');
    assert.deepEqual(JSON.parse(seen), [`blue ${port}`, 'secret', String(port), `127.0.0.1:${port}`]);
    assert.doesNotMatch(await readFile(path, 'utf8'), /secret/);
    delete process.env.SUPPLANT_TEST_TOKEN;
  });

  it('is ended with its children, those that ignore SIGTERM and those that left its group too', async () => {
    const ignores = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`;
    const source = `const { spawn } = require('child_process');
      spawn(process.execPath, ['-e', ${JSON.stringify(ignores)}]);
      spawn(process.execPath, ['-e', ${JSON.stringify(ignores)}], { detached: true }).unref();
      ${ANSWERS_PID}`;
    await create(source, { stopGraceMs: 300 });
    assert.ok(await holdsWithin(5_000, async () => (await pids()).length === 3));
    const identities = (await pids()).map((pid) => identify(pid)!);
    await removeProcess(dataDir, path);
    assert.deepEqual(identities.filter(isAlive), []);
  });

  it('gets its grace: SIGTERM first', async () => {
    const source = `process.on('SIGTERM', () => setTimeout(() => { require('fs').writeFileSync('farewell', ''); process.exit(); }, 200)); ${ANSWERS_PID}`;
    await create(source);
    await removeProcess(dataDir, path);
    assert.equal(await readFile(join(revisionDir(dataDir, STACK), 'app', 'farewell'), 'utf8'), '');
  });

  it('is never mistaken for another process that got its pid', async function () {
    if (process.platform !== 'linux') this.skip();
    await create(ANSWERS_PID);
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
      detached: true,
    });
    await once(stranger, 'spawn');
    const own = (await latestClaim(path))!;
    process.kill(own.holder!.pid, 'SIGKILL');
    assert.ok(await holdsWithin(5_000, () => !isAlive(own.holder!)));
    // As if the kernel had given the dead process's pid to the stranger.
    const claim = await readFile(claimPath(path, own.number), 'utf8');
    await writeFile(claimPath(path, own.number), claim.replaceAll(String(own.holder!.pid), String(stranger.pid)));
    assert.equal((await latestClaim(path))!.holder!.pid, stranger.pid);
    await removeProcess(dataDir, path);
    assert.ok(identify(stranger.pid!));
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  });

  it('is not taken for started when a stranger answers on its port', async function () {
    if (process.platform !== 'linux') this.skip();
    const taken = createServer((socket) => socket.end());
    const source = `const wait = setInterval(() => { if (require('fs').existsSync('go')) process.exit(7) }, 10)`;
    const creating = create(source, { startTimeoutMs: 20_000 });
    const failed = assert.rejects(creating, /exited with code 7 before it listened/);
    let port = 0;
    assert.ok(await holdsWithin(5_000, async () => (port = await recordedPort(path)) !== 0));
    taken.listen(port, '127.0.0.1');
    await once(taken, 'connection');
    await writeFile(join(revisionDir(dataDir, STACK), 'app', 'go'), '');
    await failed;
    taken.close();
  });

  it('is revived on its port after a crash, as long as it is wanted', async () => {
    const { port } = await create(ANSWERS_PID);
    const [first = 0] = await pids();
    const told: string[] = [];
    const supervisor = startSupervisor({ dataDir, intervalMs: 20, log: (_level, message) => told.push(message) });
    try {
      process.kill(first, 'SIGKILL');
      let answered = 0;
      assert.ok(await holdsWithin(10_000, async () => (answered = await askPid(port)) !== 0));
      assert.notEqual(answered, first);
      assert.deepEqual(await pids(), [answered]);
      assert.deepEqual(told, ['a process had ended and was revived']);
      await removeProcess(dataDir, path);
    } finally {
      await supervisor.stop();
    }
    assert.deepEqual(await pids(), []);
  });

  it('counts as dead after a reboot, even where its pid and its start come again', async function () {
    if (process.platform !== 'linux') this.skip();
    await create(ANSWERS_PID);
    const { number, holder } = (await latestClaim(path))!;
    const claim = await readFile(claimPath(path, number), 'utf8');
    await writeFile(claimPath(path, number), claim.replace(bootId(), 'another-boot'));
    assert.equal(isAlive(holder!), true);
    assert.equal(isAlive((await latestClaim(path))!.holder!), false);
  });
});

async function recordedPort(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { port?: number }).port ?? 0;
}

/** 0 when nobody answers. */
async function askPid(port: number): Promise<number> {
  return fetch(`http://127.0.0.1:${port}`).then(
    async (response) => Number(await response.text()),
    () => 0,
  );
}
