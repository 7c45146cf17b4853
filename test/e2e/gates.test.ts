import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseManifest } from '../../src/config/manifest/parse.ts';
import type { GateSpec } from '../../src/domain/gates/gate.ts';
import { awaitsApproval, isHeld } from '../../src/domain/gates/status.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { formatServiceId } from '../../src/domain/service/service.ts';
import type { ServiceKey } from '../../src/domain/service/service.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import { approvalGate } from '../domain/gates/samples.ts';
import { Platform, change, command, spec } from './platform.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/supplant', import.meta.url));
const EXAMPLE = 'examples/gates/supplant.yaml';

describe('gates, with commands and a gateway', function () {
  this.timeout(180_000);
  let platform: Platform;
  before(async () => (platform = await Platform.share()));
  after(() => (platform as Platform | undefined)?.dispose());

  /** A command as somebody types it. */
  async function type(actor: string, ...args: string[]): Promise<{ code: number | null; told: string }> {
    const child = spawn(LAUNCHER, [...args, '--data', platform.folder.root], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SUPPLANT_ACTOR: actor, NO_COLOR: '1' },
    });
    let told = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (told += chunk.toString('utf8')));
    }
    const code = await new Promise<number | null>((settle) => child.once('close', settle));
    return { code, told: told.replaceAll(/\s+/g, ' ') };
  }

  async function until(service: ServiceKey, shows: (status: RolloutStatus) => boolean): Promise<RolloutStatus> {
    let found: RolloutStatus | undefined;
    await platform.until(`${formatServiceId(service)} shows it`, async () => {
      found = await platform.client.rollout(service).catch(() => undefined);
      return found !== undefined && shows(found);
    });
    return found!;
  }

  async function deploy(name: string, version: string, gates?: GateSpec[]): Promise<number> {
    const wanted = spec(name, command(version), gates ? { gates } : {});
    return (await platform.client.apply(wanted, change('ada'))).rollout;
  }

  it('are opened by two people who are not the one who asked, and say so everywhere', async () => {
    const service = { name: 'gated', environment: 'test' };
    await deploy('gated', 'one', [approvalGate({ least: 2, reason: 'required' })]);
    await until(service, ({ gates }) => awaitsApproval(gates));
    const id = formatServiceId(service);

    const why = await type('bob', 'why', id);
    assert.match(why.told, /waits for gate approval qa before shift: 2 approvals of approver/);
    assert.match(why.told, /ended by: approve or reject/);
    const own = await type('ada', 'approve', id, '--reason', 'mine');
    assert.notEqual(own.code, 0);
    assert.match(own.told, /ada asked for this rollout; somebody else has to approve it/);
    const bare = await type('bob', 'approve', id);
    assert.match(bare.told, /it takes a reason/);
    const first = await type('bob', 'approve', id, '--reason', 'tried it');
    assert.equal(first.code, 0, first.told);
    assert.match(first.told, /counts for gate qa: 1 of 2 so far/);
    assert.match((await type('bob', 'approve', id, '--reason', 'again')).told, /bob has approved it already/);
    assert.match((await type('cy', 'approve', id, '--reason', 'me too')).told, /gate qa is open, with 2 of 2/);

    const { outcome, gates } = await platform.client.waitForRollout(service, 1);
    assert.equal(outcome, 'succeeded');
    assert.partialDeepStrictEqual(gates?.[0]?.approvals, [
      { actor: 'bob', reason: 'tried it' },
      { actor: 'cy', reason: 'me too' },
    ]);
    assert.match(
      (await type('bob', 'status', id, '1')).told,
      /gate approval qa before shift: open, approved by bob, cy/,
    );
    const asked = (await platform.client.auditEvents({ subject: id })).filter(
      ({ type: event }) => event === 'rollout.asked',
    );
    assert.deepEqual(
      asked.map(({ actor }) => actor),
      ['bob', 'cy'],
    );
  });

  it('put everything back when somebody says no, and are no obstacle to a rollback', async () => {
    const service = { name: 'refused', environment: 'test' };
    await deploy('refused', 'one');
    await platform.client.waitForRollout(service, 1);
    await deploy('refused', 'two');
    await platform.client.waitForRollout(service, 2);
    await deploy('refused', 'three', [approvalGate()]);
    await until(service, ({ number, gates }) => number === 3 && awaitsApproval(gates));
    const no = await type('bob', 'reject', 'refused/test', '--reason', 'not today');
    assert.equal(no.code, 0, no.told);
    const { outcome, because } = await platform.client.waitForRollout(service, 3);
    assert.deepEqual([outcome, because], ['aborted', 'rejected by bob: not today']);
    assert.deepEqual(await platform.pids('refused-test-r3'), []);

    // The gate is what the service is described with from now on; going back passes it.
    const back = await platform.client.rollback(service, 1, change());
    assert.equal((await platform.client.waitForRollout(service, back.rollout)).outcome, 'succeeded');
    const { route } = await platform.client.view(service);
    assert.equal(await (await fetch(formatEndpointUrl(route!.address))).text(), 'one');
  });

  it('hold the verbs they name alone, a removal among them', async () => {
    const service = { name: 'verbs', environment: 'test' };
    const gates = [
      approvalGate({ name: 'fresh', before: 'provision', verbs: ['restart'] }),
      approvalGate({ name: 'gone', verbs: ['remove'] }),
    ];
    await deploy('verbs', 'one', gates);
    assert.equal((await platform.client.waitForRollout(service, 1)).outcome, 'succeeded', 'an apply passes');

    const again = await platform.client.restart(service, change('ada'));
    const held = await until(service, ({ gates: met }) => awaitsApproval(met));
    assert.deepEqual([held.number, held.gates?.map(({ name }) => name)], [again.rollout, ['fresh']]);
    assert.equal((await type('bob', 'reject', 'verbs/test', '--reason', 'no')).code, 0);
    await platform.client.waitForRollout(service, again.rollout);

    const removal = await platform.client.remove(service, change('ada'));
    const { gates: met, wait } = await until(service, (status) => awaitsApproval(status.gates));
    assert.deepEqual(
      met?.map(({ name, before }) => [name, before]),
      [['gone', 'settle']],
    );
    assert.match(wait?.on ?? '', /^gate approval gone before settle: 1 approval of approver/);
    const { route } = await platform.client.view(service);
    assert.equal(await (await fetch(formatEndpointUrl(route!.address))).text(), 'one', 'nothing is taken away yet');
    assert.equal((await type('bob', 'approve', 'verbs/test')).code, 0);
    assert.equal((await platform.client.waitForRollout(service, removal.rollout)).outcome, 'succeeded');
    assert.deepEqual(await platform.pids('verbs-test-r1'), []);
  });

  it('hold services without any while changes are stopped, until that is lifted', async () => {
    const service = { name: 'stopped', environment: 'frozen' };
    const wanted = { ...spec('stopped', command('one')), service };
    const set = await type('root', 'change-stop', 'set', '--environment', 'frozen', '--reason', 'incident 4711');
    assert.equal(set.code, 0, set.told);
    await platform.client.apply(wanted, change('ada'));
    const { wait } = await until(service, ({ gates }) => isHeld(gates));
    assert.match(wait?.on ?? '', /changes in environment frozen are stopped by root: incident 4711/);
    assert.deepEqual(await platform.pids('stopped-frozen-r1'), []);
    assert.match((await type('ada', 'change-stop')).told, /environment frozen .*root .*incident 4711/);
    assert.equal((await type('root', 'change-stop', 'lift', '--environment', 'frozen')).code, 0);
    assert.equal((await platform.client.waitForRollout(service, 1)).outcome, 'succeeded');
    const events = await platform.client.auditEvents();
    assert.deepEqual(
      events
        .filter(({ type: event, data }) => event.startsWith('change-stop.') && data.environment === 'frozen')
        .map(({ type: event, actor }) => [event, actor]),
      [
        ['change-stop.set', 'root'],
        ['change-stop.lifted', 'root'],
      ],
    );
  });

  it('are passed by break-glass, which is shouted', async () => {
    const service = { name: 'glass', environment: 'test' };
    const wanted = spec('glass', command('one'), { gates: [approvalGate({ before: 'provision' })] });
    const glass = { ...change('ada'), reason: 'incident 4711', breakGlass: true as const };
    const { rollout, warnings } = await platform.client.apply(wanted, glass);
    assert.match(warnings?.[0] ?? '', /^BREAK-GLASS by ada/);
    const status = await platform.client.waitForRollout(service, rollout);
    assert.equal(status.outcome, 'succeeded');
    assert.partialDeepStrictEqual(status.breakGlass, { actor: 'ada', reason: 'incident 4711' });
    assert.match((await type('bob', 'why', 'glass/test')).told, /BREAK-GLASS: ada passed its gates/);
    const events = await platform.client.auditEvents({ subject: 'glass/test' });
    const begun = events.find(({ type: event }) => event === 'rollout.started');
    assert.equal(begun?.data.breakGlass, true);
  });

  it('of the example are met as it says', async () => {
    const parsed = parseManifest(await readFile(EXAMPLE, 'utf8'), resolve('examples/gates'));
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const service = { name: 'shop', environment: 'gates' };
    const fast = { ...parsed.spec.strategy, bakeMs: 100 };
    await platform.client.apply({ ...parsed.spec, service, strategy: fast }, change('ada'));
    const { gates } = await until(service, ({ gates: met }) => awaitsApproval(met));
    assert.deepEqual(
      gates?.map(({ name }) => name),
      ['qa', 'calm-days'],
    );
    assert.equal((await type('bob', 'approve', 'shop/gates', '--reason', 'looked at it')).code, 0);
    // On a day that is not calm it waits on, and on another this comes too late.
    await type('root', 'promote', 'shop/gates', '--break-glass', '--reason', 'a test');
    assert.equal((await platform.client.waitForRollout(service, 1)).outcome, 'succeeded');
  });
});
