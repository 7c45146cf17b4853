import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'mocha';
import { inventory, runningProcesses, sweep } from '../../blueprints/local-process/inventory.ts';
import { type DataFolder, resolveDataFolder } from '../../src/data-folder.ts';
import type { HostView } from '../../src/domain/hosts/view.ts';
import type { Quarantine, RolloutStatus } from '../../src/domain/rollout/status.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { readHostId } from '../../src/stacks/host-id.ts';
import { describeWithPostgres } from '../postgres/with-postgres.ts';
import { Installation } from './installation.ts';
import { change, command, spec } from './platform.ts';
import type { WorkerProcess } from './worker-process.ts';

/** How long a fact may take to show: half a minute until a host counts as away, and all that a busy machine does besides. */
const PATIENCE_MS = 150_000;
const LIMIT_MS = 600_000;

const SERVICE = { name: 'web', environment: 'test' };

describeWithPostgres('two hosts of one installation', (cluster) => {
  let installation: Installation;
  let other: DataFolder;

  before(async () => {
    installation = await Installation.start({ store: await cluster().createDatabase() });
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
  /** With the secret of the state that both share, as whoever sets up a second machine brings it there. */
  const startB = (): WorkerProcess =>
    installation.startWorker('b', {
      args: ['--data', other.root],
      env: { SUPPLANT_PASSPHRASE_FILE: join(installation.folder.stacks, 'passphrase') },
    });
  const pidsOn = async ({ stacks }: DataFolder): Promise<number[]> =>
    (await runningProcesses(stacks)).map(({ pid }) => pid);
  const quarantine = async (service = SERVICE): Promise<Quarantine[]> =>
    (await installation.client.view(service)).status.quarantine;
  const isQuarantined = async (revision: number): Promise<boolean | undefined> =>
    (await installation.client.history(SERVICE)).revisions.find(({ number }) => number === revision)?.quarantined;
  const deploy = async (version: string, service = SERVICE): Promise<RolloutStatus> => {
    const { client } = installation;
    const described = spec(service.name, command(version), { retention: { warm: 0, warmForMs: 0 } });
    const { rollout } = await client.apply(described, change());
    return client.waitForRollout(service, rollout);
  };
  const stateOf = async (id: string): Promise<HostView | undefined> =>
    (await installation.client.hosts.list()).find((host) => host.id === id);

  it('never take what runs on the other one for gone: its teardown waits and says so, and is done once that one is back', async function () {
    this.timeout(LIMIT_MS);
    const { client, folder } = installation;
    const first = startA();
    await first.ready;
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
    assert.equal(await isQuarantined(1), true);
    const away = await stateOf(host);
    assert.deepEqual([away?.state, away?.stacks], ['away', ['test/web-test-r1']]);

    await startA().ready;
    assert.ok(await waitUntil(PATIENCE_MS, async () => (await quarantine()).length === 0), 'it is destroyed');
    assert.equal(await isQuarantined(1), undefined);
    assert.deepEqual(await pidsOn(folder), []);
    assert.equal((await pidsOn(other)).length, 1);
    const later = await client.auditEvents({ subject: 'web/test' });
    assert.ok(later.some(({ type, data }) => type === 'stack.destroyed' && data.stack === 'web-test-r1'));
    await assert.rejects(client.hosts.forget(host, change()), { reason: 'REFUSED' });
    await Promise.all(installation.workers.map((worker) => worker.end('SIGTERM')));
  });

  it('wait for none that is forgotten; what still runs there when it comes back is destroyed by the reaper', async function () {
    this.timeout(LIMIT_MS);
    const { client, folder } = installation;
    const service = { name: 'api', environment: 'test' };
    const first = startA();
    await first.ready;
    assert.equal((await deploy('one', service)).outcome, 'succeeded');
    const left = await pidsOn(folder);
    assert.equal(left.length, 1);
    await first.end('SIGTERM');
    await startB().ready;
    assert.deepEqual((await deploy('two', service)).quarantined, ['api-test-r1']);
    const host = await readHostId(folder.stacks);
    assert.ok(await waitUntil(PATIENCE_MS, async () => (await stateOf(host))?.state === 'away'));
    await client.hosts.forget(host, { ...change('ada'), reason: 'its disk is broken' });
    assert.ok(await waitUntil(PATIENCE_MS, async () => (await quarantine(service)).length === 0), 'the wait is over');
    assert.deepEqual(await pidsOn(folder), left);
    const [event] = (await client.auditEvents()).filter(({ type }) => type === 'host.forgotten');
    assert.deepEqual([event?.actor, event?.reason, event?.data.host], ['ada', 'its disk is broken', host]);

    await startA().ready;
    assert.equal((await stateOf(host))?.state, 'live');
    assert.ok(await waitUntil(PATIENCE_MS, async () => (await pidsOn(folder)).length === 0), 'nobody owns it');
    assert.equal((await client.view(service)).status.live, 2);
  });
});
