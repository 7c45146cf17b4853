import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { it } from 'mocha';
import { resolveDataFolder } from '../../src/data-folder.ts';
import { reaperIds } from '../../src/domain/reaper/ids.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { Installation } from './installation.ts';
import { change, command, spec } from './platform.ts';

const SERVICE = { name: 'web', environment: 'test' };
const GATEWAY = fileURLToPath(new URL('../../src/gateway.ts', import.meta.url));
const PATIENCE_MS = 60_000;

describe('who has another store', () => {
  it('takes nothing as a worker and serves nobody as a gateway, and is told which one it should have; with the same one a worker joins', async function () {
    this.timeout(180_000);
    await using installation = await Installation.start();
    const { client, folder, temporal } = installation;
    const first = installation.startWorker('first');
    await first.ready;
    const isKnown = async (): Promise<boolean> => {
      const schedule = await temporal.schedule
        .getHandle(reaperIds.schedule)
        .describe()
        .catch(() => undefined);
      return schedule?.action.memo?.installation !== undefined;
    };
    assert.ok(await waitUntil(PATIENCE_MS, isKnown));

    const elsewhere = await mkdtemp(join(tmpdir(), 'supplant-another-store-'));
    try {
      const stranger = installation.startWorker('stranger', { args: ['--data', elsewhere] });
      await assert.rejects(stranger.ready);
      const said = await readFile(join(folder.logs, 'stranger.log'), 'utf8');
      assert.match(
        said,
        /namespace \S+ has the work of an installation whose record is in another store; name that store/,
      );

      const served = ['--listen', '127.0.0.1:0', '--data'];
      const ran = promisify(execFile)(process.execPath, [GATEWAY, ...served, elsewhere], {
        env: { ...process.env, ...installation.environment },
      });
      await assert.rejects(ran, ({ code, stderr }: { code: number; stderr: string }) => {
        assert.equal(code, 1);
        assert.match(stderr, /whose record is in another store; name that store \(SUPPLANT_STORE or --store\)/);
        return true;
      });

      const { rollout } = await client.apply(spec(SERVICE.name, command('one')), change());
      assert.equal((await client.waitForRollout(SERVICE, rollout)).outcome, 'succeeded');
      const second = installation.startWorker('second', { args: ['--store', folder.store] });
      await second.ready;
    } finally {
      await rm(elsewhere, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

describe('a worker with a copy of a data folder', () => {
  it('is refused while a worker works with the original, and says what to do', async function () {
    this.timeout(180_000);
    await using installation = await Installation.start();
    const { folder } = installation;
    await installation.startWorker('first').ready;
    const copied = resolveDataFolder(await mkdtemp(join(tmpdir(), 'supplant-copied-')));
    try {
      await mkdir(copied.stacks, { recursive: true });
      await copyFile(join(folder.stacks, 'host'), join(copied.stacks, 'host'));
      const twin = installation.startWorker('twin', { args: ['--data', copied.root, '--store', folder.store] });
      await assert.rejects(twin.ready);
      const said = await readFile(join(folder.logs, 'twin.log'), 'utf8');
      assert.match(said, /host \S+ has a worker on machine \S+, with another copy of this data folder: .* \(--data\)/);
    } finally {
      await rm(copied.root, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
