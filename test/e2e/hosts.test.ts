import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { inventory, runningProcesses, sweep } from '../../blueprints/local-process/inventory.ts';
import { type DataFolder, resolveDataFolder } from '../../src/data-folder.ts';
import type { Quarantine } from '../../src/domain/rollout/status.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { readHostId } from '../../src/stacks/host-id.ts';
import { Installation } from './installation.ts';
import { change, command, spec } from './platform.ts';
import type { WorkerProcess } from './worker-process.ts';

/** How long a fact may take to show: half a minute until a host counts as away, and all that a busy machine does besides. */
const PATIENCE_MS = 150_000;
const LIMIT_MS = 600_000;

const SERVICE = { name: 'web', environment: 'test' };

describe('two hosts of one installation', () => {
  let installation: Installation;
  let other: DataFolder;

  before(async () => {
    installation = await Installation.start();
    other = resolveDataFolder(await mkdtemp(join(tmpdir(), 'supplant-other-host-')));
    await mkdir(other.root, { recursive: true });
    // One router for both, as one that is reached over the network would be.
    await symlink(installation.folder.routerSocket, other.routerSocket);
  });
  after(async () => {
    await (installation as Installation | undefined)?.[Symbol.asyncDispose]();
    for (const stack of await inventory(other.stacks)) await sweep(other.stacks, stack);
    await rm(other.root, { recursive: true, force: true, maxRetries: 5 });
  });

  const startA = (): WorkerProcess => installation.startWorker('a');
  const startB = (): WorkerProcess =>
    installation.startWorker('b', { args: ['--data', other.root, '--store', installation.folder.store] });
  const pidsOn = async ({ stacks }: DataFolder): Promise<number[]> =>
    (await runningProcesses(stacks)).map(({ pid }) => pid);
  const quarantine = async (): Promise<Quarantine[]> => (await installation.client.view(SERVICE)).status.quarantine;

  it('never take what runs on the other one for gone: its teardown waits and says so, and is done once that one is back', async function () {
    this.timeout(LIMIT_MS);
    const { client, folder } = installation;
    const first = startA();
    await first.ready;
    const deploy = async (version: string) => {
      const described = spec(SERVICE.name, command(version), { retention: { warm: 0, warmForMs: 0 } });
      const { rollout } = await client.apply(described, change());
      return client.waitForRollout(SERVICE, rollout);
    };
    assert.equal((await deploy('one')).outcome, 'succeeded');
    const [pid, ...none] = await pidsOn(folder);
    assert.ok(pid !== undefined && none.length === 0);
    await first.end('SIGTERM');

    await startB().ready;
    const second = await deploy('two');
    assert.deepEqual([second.outcome, second.quarantined], ['succeeded', ['web-test-r1']]);
    assert.deepEqual(await pidsOn(folder), [pid]);
    assert.equal((await pidsOn(other)).length, 1);
    const host = await readHostId(folder.stacks);
    const explained = await waitUntil(PATIENCE_MS, async () =>
      (await quarantine()).some(({ lastError }) => lastError.includes(`waits for host ${host}, last seen at `)),
    );
    assert.ok(explained, JSON.stringify(await quarantine()));
    const events = await client.auditEvents({ subject: 'web/test' });
    assert.ok(!events.some(({ type, data }) => type === 'stack.destroyed' && data.stack === 'web-test-r1'));
    const away = (await client.hosts.list()).find(({ id }) => id === host);
    assert.deepEqual([away?.state, away?.stacks], ['away', ['test/web-test-r1']]);

    await startA().ready;
    assert.ok(await waitUntil(PATIENCE_MS, async () => (await quarantine()).length === 0), 'it is destroyed');
    assert.deepEqual(await pidsOn(folder), []);
    assert.equal((await pidsOn(other)).length, 1);
    const later = await client.auditEvents({ subject: 'web/test' });
    assert.ok(later.some(({ type, data }) => type === 'stack.destroyed' && data.stack === 'web-test-r1'));
    await assert.rejects(client.hosts.forget(host, change()), { reason: 'REFUSED' });
  });
});
