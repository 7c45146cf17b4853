import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { writeLease } from '../../src/dev/lease.ts';
import { endpointUrl } from '../../src/domain/revision.ts';
import { isAlive } from '../../src/host/process-identity.ts';
import { Platform, change, command, spec } from './platform.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/supplant', import.meta.url));
const service = { name: 'web', environment: 'test' };

describe('supplant dev', () => {
  let platform: Platform;

  before(async () => {
    platform = await Platform.start();
    const ticket = await platform.client.apply(spec('web', command('kept')), change());
    assert.equal((await platform.client.waitForRollout(service, ticket.rollout)).outcome, 'succeeded');
  });
  after(() => (platform as Platform | undefined)?.dispose());

  const serves = async (): Promise<string> => {
    const { route } = await platform.client.view(service);
    assert.ok(route);
    return (await fetch(endpointUrl(route.address))).text();
  };

  it('refuses to run twice on one data folder', async () => {
    const second = promisify(execFile)(LAUNCHER, ['dev', '--data', platform.folder.root]);
    await assert.rejects(second, (error: { code: number; stderr: string }) => {
      assert.match(error.stderr, /already runs/);
      return error.code !== 0;
    });
  });

  it('ends cleanly at Ctrl-C, keeps the services running and serves them again when it comes back', async () => {
    const { parts } = platform.lease();
    const pids = await platform.pids();
    assert.equal(await platform.stop('SIGINT'), 0);
    for (const part of Object.values(parts)) assert.equal(isAlive(part), false);
    assert.deepEqual(await platform.pids(), pids);
    await platform.start();
    assert.equal(await serves(), 'kept');
    assert.deepEqual(await platform.pids(), pids);
    assert.equal((await platform.client.view(service)).status.live, 1);
  });

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

  it('takes another port where one is taken meanwhile', async () => {
    const { temporal } = platform.lease();
    await platform.stop('SIGINT');
    const occupier = createServer().listen(temporal.port, '127.0.0.1');
    // If somebody else was quicker, it is taken all the same.
    await new Promise<void>((resolve) => occupier.once('listening', resolve).once('error', () => resolve()));
    try {
      await platform.start();
      assert.notEqual(platform.lease().temporal.port, temporal.port);
      assert.equal(await serves(), 'kept');
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
