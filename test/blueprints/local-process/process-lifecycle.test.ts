import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPath, readLatestClaim } from '../../../src/host/claims.ts';
import { ADDRESS_VARIABLE, readListenAddress } from '../../../blueprints/local-process/address.ts';
import { createProcess } from '../../../blueprints/local-process/create-process.ts';
import { inventory, runningProcesses, sweep } from '../../../blueprints/local-process/inventory.ts';
import { keeperRecord, logPath, recordPath, revisionDir } from '../../../blueprints/local-process/layout.ts';
import { reservations } from '../../../blueprints/local-process/ports.ts';
import { removeProcess } from '../../../blueprints/local-process/processes.ts';
import type { ProcessSpec } from '../../../blueprints/local-process/records.ts';
import { ensureRelease } from '../../../blueprints/local-process/release.ts';
import { inspectProcesses } from '../../../blueprints/local-process/status.ts';
import { startSupervisor } from '../../../blueprints/local-process/supervisor.ts';
import { readBootId, identifyProcess, isAlive } from '../../../src/host/process-identity.ts';
import { LOG_FILE_BYTES, listLogFiles } from '../../../src/host/log-files.ts';
import { waitUntil } from '../../../src/host/polling.ts';
import { readLog } from '../../../src/host/read-log.ts';
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
    return {
      command,
      env: {},
      secrets: {},
      passEnv: [],
      directory,
      startTimeoutMs: 10_000,
      stopGraceMs: 2_000,
      ...more,
    };
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

  it('listens at the address that the worker is told, and leaves nothing there', async function () {
    if (process.platform !== 'linux') this.skip();
    process.env.SUPPLANT_LOCAL_ADDRESS = '127.0.0.2';
    try {
      const { host, port } = await create(ANSWERS_PID);
      assert.equal(host, '127.0.0.2');
      const [pid] = await pids();
      assert.equal(await (await fetch(`http://127.0.0.2:${port}/`)).text(), String(pid));
      await removeProcess(dataDir, path);
      await assert.rejects(fetch(`http://127.0.0.2:${port}/`));
    } finally {
      delete process.env.SUPPLANT_LOCAL_ADDRESS;
    }
    for (const wrong of ['0.0.0.0', 'localhost', '::1']) {
      assert.throws(() => readListenAddress({ [ADDRESS_VARIABLE]: wrong }), /one IPv4 address of this machine/);
    }
    assert.equal(readListenAddress({}), '127.0.0.1');
  });

  it('is not taken over by a create that wants another one', async () => {
    await create(ANSWERS_PID);
    await assert.rejects(create(`${ANSWERS_PID};0`), /exists and differs: a revision never changes/);
    assert.equal((await pids()).length, 1);
  });

  it('gets its port in {port}, {host} and the environment, and what is passed on by name', async () => {
    process.env.SUPPLANT_TEST_TOKEN = 'hush-hush';
    const source = `require('fs').writeFileSync('seen', JSON.stringify([process.env.COLOUR, process.env.SUPPLANT_TEST_TOKEN, process.env.PORT, process.argv[1]])); ${ANSWERS_PID}`;
    const command = [process.execPath, '-e', source, '{host}:{port}'];
    const more = { command, env: { COLOUR: 'blue {port}' }, passEnv: ['SUPPLANT_TEST_TOKEN'] };
    const { port } = await create(source, more);
    const seen = await readFile(join(revisionDir(dataDir, STACK), 'app', 'seen'), 'utf8');
    assert.deepEqual(JSON.parse(seen), [`blue ${port}`, 'hush-hush', String(port), `127.0.0.1:${port}`]);
    assert.doesNotMatch(await readFile(path, 'utf8'), /hush-hush/);
    delete process.env.SUPPLANT_TEST_TOKEN;
  });

  it('is ended with its children, those that ignore SIGTERM and those that left its group too', async () => {
    const ignores = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`;
    const source = `const { spawn } = require('child_process');
      spawn(process.execPath, ['-e', ${JSON.stringify(ignores)}]);
      spawn(process.execPath, ['-e', ${JSON.stringify(ignores)}], { detached: true }).unref();
      ${ANSWERS_PID}`;
    await create(source, { stopGraceMs: 300 });
    assert.ok(await waitUntil(5_000, async () => (await pids()).length === 3));
    const identities = (await pids()).map((pid) => identifyProcess(pid)!);
    await removeProcess(dataDir, path);
    assert.deepEqual(identities.filter(isAlive), []);
  });

  it('fails with the line that names the cause, and with no value of its variables', async () => {
    process.env.SUPPLANT_TEST_TOKEN = 'passed on/secret';
    const source = `console.log('starting'); console.error(encodeURIComponent(process.env.SUPPLANT_TEST_TOKEN));
      throw new Error('no way in with ' + process.env.PASSWORD + ' at ' + process.env.PORT)`;
    const more = { env: { PASSWORD: 'own-secret-{port}' }, passEnv: ['SUPPLANT_TEST_TOKEN'] };
    await assert.rejects(create(source, more), (error: Error) => {
      const [first = '', ...rest] = error.message.split('\n');
      assert.match(
        first,
        /exited with code 1 before it listened on .*: Error: no way in with \[env PASSWORD\] at \d+; its last lines:$/,
      );
      assert.deepEqual(rest.slice(0, 2), ['starting', '[env SUPPLANT_TEST_TOKEN]']);
      assert.doesNotMatch(error.message, /secret-\d/);
      return true;
    });
    delete process.env.SUPPLANT_TEST_TOKEN;
  });

  it('says where it listens when it is given up for listening elsewhere', async function () {
    if (process.platform !== 'linux') this.skip();
    const source = `require('http').createServer().listen(0, '::1'); require('http').createServer().listen('here.sock')`;
    const failed = create(source, { startTimeoutMs: 1_500 });
    await assert.rejects(
      failed,
      /was given up after 1\.5 s before it listened on 127.0.0.1:\d+; it listens on \[::1\]:\d+, here\.sock instead\. Where to listen is in HOST and PORT/,
    );
  });

  it('is refused when it puts itself into the background, before or after it listens', async function () {
    if (process.platform !== 'linux') this.skip();
    const server = `process.title = 'x'; ${ANSWERS_PID}`;
    const early = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(server)}], { detached: true, stdio: 'ignore' }).unref()`;
    await assert.rejects(
      create(early),
      /exited with code 0 .*and left process \d+ behind .*has to stay in the foreground/,
    );
    const late = `const child = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(server)}], { detached: true, stdio: 'ignore' });
      const look = () => fetch('http://127.0.0.1:' + process.env.PORT).then(() => process.exit(0), () => setTimeout(look, 10)); look()`;
    await assert.rejects(
      create(late),
      /exited with code 0 and left process \d+ behind, which listens on port \d+ .*has to stay in the foreground|exited with code 0 .* and left process \d+ behind/,
    );
    assert.deepEqual(await pids(), []);
  });

  it('has a log that stays within bounds, whatever it prints', async () => {
    const source = `const lines = ('x'.repeat(1023) + '\\n').repeat(64);
      const print = () => { for (let n = 0; n < 420; n += 1) require('fs').writeSync(1, lines); console.log('the end') };
      ${ANSWERS_PID}.once('listening', print)`;
    await create(source, { startTimeoutMs: 60_000 });
    const log = logPath(revisionDir(dataDir, STACK), 'p1');
    assert.ok(await waitUntil(60_000, async () => (await readFile(log, 'utf8').catch(() => '')).endsWith('the end\n')));
    const sizes = await Promise.all(listLogFiles(log).map(async (file) => (await stat(file)).size));
    assert.ok(
      sizes.every((size) => size <= LOG_FILE_BYTES + 16_384),
      sizes.join(', '),
    );
    const lines: string[] = [];
    for await (const line of readLog(log, { lines: 3 })) lines.push(line);
    assert.deepEqual(lines, ['x'.repeat(1023), 'x'.repeat(1023), 'the end']);
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
    const own = (await readLatestClaim(path))!;
    process.kill(own.holder!.pid, 'SIGKILL');
    assert.ok(await waitUntil(5_000, () => !isAlive(own.holder!)));
    // As if the kernel had given the dead process's pid to the stranger.
    const claim = await readFile(claimPath(path, own.number), 'utf8');
    await writeFile(claimPath(path, own.number), claim.replaceAll(String(own.holder!.pid), String(stranger.pid)));
    assert.equal((await readLatestClaim(path))!.holder!.pid, stranger.pid);
    await removeProcess(dataDir, path);
    assert.ok(identifyProcess(stranger.pid!));
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
    assert.ok(await waitUntil(5_000, async () => (port = await recordedPort(path)) !== 0));
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
      assert.ok(await waitUntil(10_000, async () => (answered = await askPid(port)) !== 0));
      assert.notEqual(answered, first);
      assert.deepEqual(await pids(), [answered]);
      assert.deepEqual(told, ['a process had ended and was revived']);
      await removeProcess(dataDir, path);
    } finally {
      await supervisor.stop();
    }
    assert.deepEqual(await pids(), []);
  });

  it('tells how it is: restarts, its last end and what it said then, without the values of its variables', async () => {
    const source = `if (require('fs').existsSync('broken')) throw new Error('no database for ' + process.env.PASSWORD); ${ANSWERS_PID}`;
    const { port } = await create(source, { env: { PASSWORD: 'open sesame' } });
    const [first = 0] = await pids();
    const facts = async () => (await inspectProcesses(dataDir, STACK))[0]!;
    const log = logPath(revisionDir(dataDir, STACK), 'p1');
    const well = { name: 'p1', address: `127.0.0.1:${port}`, isAlive: true, listens: true, restarts: 0, log };
    assert.deepEqual(await facts(), well);
    await writeFile(join(revisionDir(dataDir, STACK), 'app', 'broken'), '');
    const supervisor = startSupervisor({ dataDir, intervalMs: 20, log: () => undefined });
    try {
      process.kill(first, 'SIGKILL');
      const said = 'p1 exited with code 1: Error: no database for [env PASSWORD]; its last lines:\n';
      assert.ok(await waitUntil(20_000, async () => (await facts()).lastEnd?.how.startsWith(said) === true));
      assert.ok((await facts()).restarts >= 1);
      assert.equal((await facts()).listens, false);
    } finally {
      await supervisor.stop();
    }
  });

  it('does not stand still when the keeper of its log is killed', async function () {
    if (process.platform !== 'linux') this.skip();
    const source = `setInterval(() => require('fs').writeSync(1, 'x'.repeat(9_999) + '\\n'), 10); ${ANSWERS_PID}`;
    const { port } = await create(source);
    const log = logPath(revisionDir(dataDir, STACK), 'p1');
    const { holder } = (await readLatestClaim(keeperRecord(log, 1)))!;
    process.kill(-holder!.pid, 'SIGKILL');
    assert.ok(await waitUntil(5_000, () => !isAlive(holder!)));
    const supervisor = startSupervisor({ dataDir, intervalMs: 20, log: () => undefined });
    try {
      const size = async (): Promise<number> => (await stat(log)).size;
      const before = await size();
      // More than a pipe takes.
      assert.ok(await waitUntil(20_000, async () => (await size()) > before + 200_000));
      assert.deepEqual(await pids(), [await askPid(port)]);
    } finally {
      await supervisor.stop();
    }
  });

  it('counts as dead after a reboot, even where its pid and its start come again', async function () {
    if (process.platform !== 'linux') this.skip();
    await create(ANSWERS_PID);
    const { number, holder } = (await readLatestClaim(path))!;
    const claim = await readFile(claimPath(path, number), 'utf8');
    await writeFile(claimPath(path, number), claim.replace(readBootId(), 'another-boot'));
    assert.equal(isAlive(holder!), true);
    assert.equal(isAlive((await readLatestClaim(path))!.holder!), false);
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
