import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isAlive } from '../../src/host/process-identity.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import { backUpStore, restoreStore } from '../../src/store/backup/commands.ts';
import { Platform, change, command, spec } from './platform.ts';

const service = { name: 'web', environment: 'test' };
const PAGE = 4096;

/** Moves what the write-ahead log has into the file. */
function emptyLog(store: string): void {
  const database = new DatabaseSync(store);
  assert.equal(database.prepare('pragma wal_checkpoint(truncate)').get()!.busy, 0);
  database.close();
}

describe('a disk that ruins the record in the middle of a rollout', () => {
  let platform: Platform;
  let shelf: string;

  before(async () => {
    shelf = await mkdtemp(join(tmpdir(), 'supplant-shelf-'));
    platform = await Platform.start();
    const receipt = await platform.client.apply(spec('web', command('one')), change());
    assert.equal((await platform.client.waitForRollout(service, receipt.rollout)).outcome, 'succeeded');
  });
  after(async () => {
    await (platform as Platform | undefined)?.dispose();
    await rm(shelf, { recursive: true, force: true });
  });

  it('costs no request, is refused with the way out, and a backup lets the rollout go on', async () => {
    const { store } = platform.folder;
    const url = formatEndpointUrl((await platform.client.view(service)).route!.address);
    const receipt = await platform.client.apply(spec('web', command('two', { startMs: 2_000 })), change());
    await platform.until('a process of r2', async () => (await platform.pids('web-test-r2')).length > 0);
    const backup = join(shelf, 'audit.jsonl');
    await backUpStore(store, backup);
    const { parts } = platform.lease();
    await platform.stop('SIGKILL');
    const killed = ['worker', 'gateway', 'temporal'].map((name) => parts[name]!);
    for (const { pid } of killed) process.kill(pid, 'SIGKILL');
    await platform.until('the parts to have ended', () => !killed.some(isAlive));
    assert.equal(await (await fetch(url)).text(), 'one');

    emptyLog(store);
    const ruined = await readFile(store);
    ruined.fill(0xa5, PAGE, 3 * PAGE);
    await writeFile(store, ruined);
    await assert.rejects(platform.start(), /it is damaged[^]*restore a backup: supplant restore FILE/);
    assert.deepEqual(await readFile(store), ruined);

    for (const end of ['', '-wal', '-shm']) await rename(`${store}${end}`, join(shelf, `ruined${end}`)).catch(() => 0);
    await restoreStore(store, backup);
    await platform.start();
    assert.equal((await platform.client.waitForRollout(service, receipt.rollout)).outcome, 'succeeded');
    assert.equal(await (await fetch(url)).text(), 'two');
    assert.equal((await platform.client.verifyAudit()).ok, true);
    const types = (await platform.client.auditEvents({ rollout: 'web/test#2' })).map(({ type }) => type);
    assert.deepEqual(
      types.filter((type) => type !== 'check.judged'),
      [
        ...['rollout.requested', 'rollout.started', 'stack.provisioning', 'stack.provisioned'],
        ...['route.changing', 'route.changed', 'rollout.settled', 'rollout.finished'],
      ],
    );
  });
});
