import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { appDir, revisionDir } from '../../blueprints/local-process/layout.ts';
import type { DriftView } from '../../src/domain/drift/view.ts';
import { repeatWhileUnfinished } from '../../src/client/repeat-while-unfinished.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import type { Receipt } from '../../src/domain/service/requests.ts';
import { formatStackName } from '../../src/domain/service/revision.ts';
import type { ServiceKey } from '../../src/domain/service/service.ts';
import { Platform, change, command, spec } from './platform.ts';

describe('drift of a service that it blocks', () => {
  const { service } = spec('drifting', command('one'));
  let platform: Platform;

  before(async () => (platform = await Platform.share()));
  after(() => (platform as Platform | undefined)?.dispose());

  const over = async ({ rollout }: Receipt): Promise<RolloutStatus> => platform.client.waitForRollout(service, rollout);
  const deploy = async (version: string): Promise<RolloutStatus> =>
    over(await platform.client.apply({ ...spec(service.name, command(version)), drift: 'block' }, change()));
  const check = async (): Promise<DriftView[]> => {
    const asked = change();
    await repeatWhileUnfinished(
      () => platform.client.drift.check(service, asked),
      () => undefined,
    );
    return (await platform.client.drift.list(service)).stacks;
  };
  const states = (stacks: DriftView[]): string[] => stacks.map(({ revision, state }) => `r${revision} ${state}`);
  const live = async (): Promise<number | undefined> => (await platform.client.view(service)).status.live;
  const warnings = async (): Promise<string[]> => {
    const { warnings: all = [] } = await platform.client.view(service);
    return all.flatMap(({ kind, text }) => (kind === 'drift' ? [text] : []));
  };

  it('keeps a deployment from going on until it is acknowledged, and a rollback from a warm revision', async () => {
    assert.equal((await deploy('one')).outcome, 'succeeded');
    assert.deepEqual(states(await check()), ['r1 none']);
    assert.deepEqual(await warnings(), []);

    await removeFolder(platform, service, 1);
    assert.deepEqual(states(await check()), ['r1 drifted']);
    assert.match((await warnings()).join(), /^r1 is not as it was made: release .* is gone; rollouts do not shift/);
    const refused = await deploy('two');
    assert.equal(refused.outcome, 'failed');
    assert.match(
      refused.because ?? '',
      /release .* is gone.*supplant drift acknowledge drifting\/test r1 --reason TEXT$/,
    );
    assert.equal(await live(), 1);
    assert.deepEqual(await platform.pids('drifting-test-r2'), []);

    const said = await platform.client.drift.acknowledge(service, 1, change());
    assert.match(said, /^release .* is gone: that may stay/);
    assert.deepEqual(await warnings(), []);
    assert.equal((await deploy('two')).outcome, 'succeeded');
    assert.equal(await live(), 3);

    // r1 is warm now; what is acknowledged of it holds.
    assert.deepEqual(states(await check()), ['r1 acknowledged', 'r3 none']);
    assert.equal((await over(await platform.client.rollback(service, undefined, change()))).outcome, 'succeeded');
    assert.equal(await live(), 1);

    await removeFolder(platform, service, 3);
    const stays = await over(await platform.client.rollback(service, 3, change()));
    assert.equal(stays.outcome, 'failed');
    assert.match(stays.because ?? '', /^r3 is not as it was made: /);
    assert.equal(await live(), 1);

    await restoreFolder(platform, service, 3);
    assert.equal((await over(await platform.client.rollback(service, 3, change()))).outcome, 'succeeded');
    assert.equal(await live(), 3);

    const told = (await platform.client.auditEvents({ subject: 'drifting/test' }))
      .filter(({ type }) => type.startsWith('drift.') && type !== 'drift.requested')
      .map(({ type, actor, data }) => `${type} ${data.revision as string} by ${actor}`);
    assert.deepEqual(told, [
      'drift.found r1 by supplant',
      'drift.acknowledged r1 by tester',
      'drift.found r3 by supplant',
      'drift.gone r3 by supplant',
    ]);
  });

  it('refuses to acknowledge what there is not, and says what to do', async () => {
    const stacks = await check();
    const clean = stacks.find(({ state }) => state === 'none');
    assert.ok(clean);
    await assert.rejects(platform.client.drift.acknowledge(service, clean.revision, change()), {
      reason: 'REFUSED',
      suggestion: 'supplant drift check drifting/test looks now',
    });
    await assert.rejects(platform.client.drift.acknowledge(service, 99, change()), { reason: 'NOT_FOUND' });
    await assert.rejects(platform.client.drift.check({ name: 'nobody', environment: 'test' }, change()), {
      reason: 'NOT_FOUND',
    });
  });
});

function folderOf(platform: Platform, service: ServiceKey, revision: number): string {
  const id = { project: service.environment, stack: formatStackName(service, revision) };
  return appDir(revisionDir(platform.folder.stacks, id));
}

/** What runs there goes on. */
async function removeFolder(platform: Platform, service: ServiceKey, revision: number): Promise<void> {
  const folder = folderOf(platform, service, revision);
  await rename(folder, join(folder, '..', 'elsewhere'));
}

async function restoreFolder(platform: Platform, service: ServiceKey, revision: number): Promise<void> {
  const folder = folderOf(platform, service, revision);
  await rename(join(folder, '..', 'elsewhere'), folder);
}
