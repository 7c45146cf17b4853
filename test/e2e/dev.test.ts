import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { resolveDataFolder } from '../../src/data-folder.ts';
import { readLease, writeLease } from '../../src/host/dev-lease.ts';
import { waitFor } from '../../src/dev/ready.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import { isAlive } from '../../src/host/process-identity.ts';
import { NO_PORTS, Platform, change, command, spec } from './platform.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/supplant', import.meta.url));
const service = { name: 'web', environment: 'test' };
const KEPT = command('kept', { slowMs: 3_000 });

/** What a stream has said so far. */
function gather(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => text;
}

describe('supplant dev', () => {
  let platform: Platform;

  before(async () => {
    platform = await Platform.start();
    const receipt = await platform.client.apply(spec('web', KEPT), change());
    assert.equal((await platform.client.waitForRollout(service, receipt.rollout)).outcome, 'succeeded');
  });
  after(() => (platform as Platform | undefined)?.dispose());

  const serves = async (): Promise<string> => {
    const { route } = await platform.client.view(service);
    assert.ok(route);
    return (await fetch(formatEndpointUrl(route.address))).text();
  };

  it('refuses to run twice on one data folder', async () => {
    const second = promisify(execFile)(LAUNCHER, ['dev', '--data', platform.folder.root]);
    await assert.rejects(second, (error: { code: number; stderr: string }) => {
      assert.match(error.stderr, /already runs on .* \(pid \d+, Temporal UI http:/);
      assert.match(error.stderr, /stop it first/);
      assert.doesNotMatch(error.stderr, /fault of Supplant/);
      return error.code !== 0;
    });
  });

  it('ends cleanly at Ctrl-C, tells who follows logs, keeps the services running and serves them again', async () => {
    const { parts } = platform.lease();
    const pids = await platform.pids();
    const reader = spawn(LAUNCHER, ['logs', 'web', '-f', '--data', platform.folder.root]);
    const [said, told] = [gather(reader.stdout), gather(reader.stderr)];
    await platform.until('the log is shown', () => said().includes('listening'));
    const readerEnded = once(reader, 'exit');
    assert.equal(await platform.stop('SIGINT'), 0);
    assert.notEqual((await readerEnded)[0], 0);
    assert.match(told(), /gateway|Temporal|connect|closed|supplant dev/i);
    for (const part of Object.values(parts)) assert.equal(isAlive(part), false);
    assert.deepEqual(await platform.pids(), pids);
    await platform.start();
    assert.equal(await serves(), 'kept');
    assert.deepEqual(await platform.pids(), pids);
    assert.equal((await platform.client.view(service)).status.live, 1);
  });

  for (const name of ['worker', 'gateway', 'router'] as const) {
    it(`goes on where its ${name} is sent SIGHUP: that ends in good order, and is started again`, async () => {
      const before = platform.partPid(name);
      // A request in flight is answered, whoever goes.
      const { route } = await platform.client.view(service);
      assert.ok(route);
      const slow = name === 'router' ? fetch(`${formatEndpointUrl(route.address)}/slow`) : undefined;
      if (slow) {
        await platform.until('a request is in flight', async () => {
          const view = await platform.client.view(service);
          return view.route?.targets.some(({ inFlight = 0 }) => inFlight > 0) === true;
        });
      }
      process.kill(before, 'SIGHUP');
      assert.equal(await (await slow)?.text(), slow && 'kept');
      await platform.until(`another ${name}`, () => {
        const part = platform.lease().parts[name];
        return part !== undefined && part.pid !== before && isAlive(part);
      });
      await platform.until('serving', async () => (await serves().catch(() => '')) === 'kept');
      await platform.until('asked and answered', async () => {
        const asked = platform.client.apply(spec('web', KEPT), change());
        return (await asked.catch(() => undefined))?.unchanged === true;
      });
      assert.match(platform.output, new RegExp(`${name} ended \\(exit code 0\\)`));
    });
  }

  it('takes over from one that was killed', async () => {
    const { parts } = platform.lease();
    await platform.stop('SIGKILL');
    assert.ok(Object.values(parts).some((part) => isAlive(part)));
    await platform.start();
    for (const part of Object.values(parts)) assert.equal(isAlive(part), false);
    assert.equal(await serves(), 'kept');
  });

  it('ends what one that was killed had no time to note', async () => {
    const { parts, ...rest } = platform.lease();
    const started = await platform.pids();
    await platform.stop('SIGKILL');
    await writeLease(platform.folder.lease, { ...rest, parts: {} });
    await platform.start();
    for (const part of Object.values(parts)) assert.equal(isAlive(part), false);
    assert.equal(await serves(), 'kept');
    assert.deepEqual(await platform.pids(), started);
  });

  it('ends as at Ctrl-C when its terminal is closed, and comes back on another port where one is taken meanwhile', async () => {
    const { parts, temporal } = platform.lease();
    const pids = await platform.pids();
    assert.equal(await platform.stop('SIGHUP'), 0);
    assert.match(platform.output, /Ending; services keep running/);
    for (const part of Object.values(parts)) assert.equal(isAlive(part), false);
    assert.deepEqual(await platform.pids(), pids);
    const occupier = createServer().listen(temporal.port, '127.0.0.1');
    // If somebody else was quicker, it is taken all the same.
    await new Promise<void>((resolve) => occupier.once('listening', resolve).once('error', () => resolve()));
    try {
      await platform.start();
      assert.notEqual(platform.lease().temporal.port, temporal.port);
      assert.equal(await serves(), 'kept');
      assert.deepEqual(await platform.pids(), pids);
    } finally {
      occupier.close();
    }
  });

  it('starts a part again that dies', async () => {
    const killed = platform.partPid('router');
    process.kill(killed, 'SIGKILL');
    await platform.until('another router', () => {
      const part = platform.lease().parts.router;
      return part !== undefined && part.pid !== killed && isAlive(part);
    });
    await platform.until('serving', async () => (await serves().catch(() => '')) === 'kept');
  });
});

describe('many supplant dev at once on one data folder', () => {
  it('are one that runs, and others that say so', async () => {
    const root = await mkdtemp(join(tmpdir(), 'supplant-many-'));
    await writeLease(resolveDataFolder(root).lease, NO_PORTS);
    const started = Array.from({ length: 8 }, () => {
      const child = spawn(LAUNCHER, ['dev', '--data', root], { stdio: ['ignore', 'pipe', 'pipe'] });
      const told = { child, text: '' };
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (told.text += chunk.toString('utf8')));
      return told;
    });
    try {
      const settled = () =>
        started.every(({ child, text }) => child.exitCode !== null || text.includes('Supplant runs here'));
      await waitFor('all have settled', settled, new AbortController().signal, 90_000);
      const running = started.filter(({ child }) => child.exitCode === null);
      assert.equal(running.length, 1, started.map(({ text }) => text).join('\n---\n'));
      for (const { child, text } of started) {
        if (child.exitCode !== null) assert.match(text, /already runs on/);
      }
      assert.equal(readLease(resolveDataFolder(root).lease)?.dev.pid, running[0]?.child.pid);
    } finally {
      for (const { child } of started) {
        if (child.exitCode !== null) continue;
        const ended = once(child, 'exit');
        child.kill('SIGINT');
        await ended;
      }
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
