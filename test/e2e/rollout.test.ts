import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { Load } from './load.ts';
import { Platform, change, command, spec } from './platform.ts';

describe('a service on one machine', () => {
  let platform: Platform;
  const service = { name: 'web', environment: 'test' };

  before(async () => (platform = await Platform.share()));
  after(() => (platform as Platform | undefined)?.dispose());

  const apply = async (wanted: ServiceSpec): Promise<RolloutStatus> => {
    const receipt = await platform.client.apply(wanted, change());
    return platform.client.waitForRollout(wanted.service, receipt.rollout);
  };
  const address = async (): Promise<string> => {
    const { route } = await platform.client.view(service);
    assert.ok(route);
    return formatEndpointUrl(route.address);
  };

  it('is replaced, refuses what is broken and goes back, without one failed request', async () => {
    assert.equal((await apply(spec('web', command('one')))).outcome, 'succeeded');
    const load = new Load(await address());

    assert.equal((await apply(spec('web', command('two')))).outcome, 'succeeded');
    await platform.until('answers of the second', () => load.seen('two') > 20);

    const refused = await apply(spec('web', command('broken', { status: 500 })));
    assert.equal(refused.outcome, 'failed');
    assert.match(refused.because ?? '', /answered 500, wanted 200/);
    assert.deepEqual(await platform.pids('web-test-r3'), []);

    const before = load.seen('one');
    const back = await platform.client.rollback(service, undefined, change());
    const rollback = await platform.client.waitForRollout(service, back.rollout);
    assert.equal(rollback.outcome, 'succeeded');
    assert.equal(rollback.revision, 1);
    await platform.until('answers of the first', () => load.seen('one') > before + 20);

    await load.end();
    assert.deepEqual(load.failures, []);
    assert.equal(load.seen('broken'), 0);
    assert.ok(load.total > 100);
  });

  it('goes back to a revision that is long gone', async () => {
    const { status } = await platform.client.view(service);
    assert.deepEqual([status.live, status.revisions.map(({ number }) => number)], [1, [2, 1]]);
    // One warm revision is kept: the next release retires the second.
    assert.equal((await apply(spec('web', command('four')))).outcome, 'succeeded');
    assert.deepEqual(await platform.pids('web-test-r2'), []);

    const receipt = await platform.client.rollback(service, 2, change());
    const rollback = await platform.client.waitForRollout(service, receipt.rollout);
    assert.equal(rollback.outcome, 'succeeded');
    assert.equal(await (await fetch(await address())).text(), 'two');
    assert.equal((await platform.pids('web-test-r2')).length, 1);
  });

  it('answers a repeated request with the same receipt, and a changed one with a refusal', async () => {
    const asked = { ...change(), requestId: 'the-same' };
    const wanted = spec('web', command('five'));
    const first = await platform.client.apply(wanted, asked);
    assert.deepEqual(await platform.client.apply(wanted, asked), first);
    await assert.rejects(platform.client.apply(spec('web', command('six')), asked), { reason: 'CONFLICT' });
    const rollout = await platform.client.waitForRollout(service, first.rollout);
    assert.equal(rollout.outcome, 'succeeded');
    const again = await platform.client.apply(wanted, change());
    assert.equal(again.unchanged, true);
  });

  it('says everything that is wrong with what it is given', async () => {
    const wrong = spec('web', { name: 'local-process', config: { command: [], processes: 0, nonsense: true } });
    await assert.rejects(platform.client.apply(wrong, change()), (error: { faults?: { path: string }[] }) => {
      assert.ok((error.faults ?? []).length >= 3);
      return true;
    });
    await assert.rejects(platform.client.apply(spec('web', { name: 'nowhere', config: {} }), change()), {
      reason: 'INVALID',
    });
  });

  it('takes a folder as it was: changed it is another revision, and gone it can still be gone back to', async () => {
    const folder = join(platform.folder.root, '..', `${basename(platform.folder.root)}-folder`);
    await mkdir(folder);
    const write = (answer: string): Promise<void> =>
      writeFile(
        join(folder, 'main.mjs'),
        `import { createServer } from 'node:http';
        createServer((q, s) => s.end('${answer}')).listen(process.env.PORT, process.env.HOST);`,
      );
    const config = { command: [process.execPath, 'main.mjs'], stopGrace: '1s' };
    const wanted: ServiceSpec = {
      ...spec('folder', { name: 'local-process', config }, { retention: { warm: 0, warmForMs: 0 } }),
      artifact: `dir:${folder}`,
    };
    await write('first');
    assert.equal((await apply(wanted)).outcome, 'succeeded');
    assert.equal((await platform.client.apply(wanted, change())).unchanged, true);
    await write('second');
    assert.equal((await apply(wanted)).revision, 2);
    await rm(folder, { recursive: true });

    const receipt = await platform.client.rollback(wanted.service, 1, change());
    assert.equal((await platform.client.waitForRollout(wanted.service, receipt.rollout)).outcome, 'succeeded');
    const { route } = await platform.client.view(wanted.service);
    assert.ok(route);
    assert.equal(await (await fetch(formatEndpointUrl(route.address))).text(), 'first');
    const removal = await platform.client.remove(wanted.service, change());
    await platform.client.waitForRollout(wanted.service, removal.rollout);
  });

  it('lets a warm revision go when its time is over', async () => {
    const brief = { retention: { warm: 1, warmForMs: 1_500 } };
    assert.equal((await apply(spec('web', command('seven'), brief))).outcome, 'succeeded');
    await platform.until('only one process', async () => (await platform.pidsOf(service)).length === 1);
    const { status, route } = await platform.client.view(service);
    assert.equal(status.revisions.length, 1);
    await platform.until('the route without it', async () => {
      const seen = await platform.client.view(service);
      return seen.route?.targets.length === 1;
    });
    assert.ok(route);
  });

  it('is removed without a trace, and its numbers stay taken', async () => {
    const url = await address();
    const { rollouts } = await platform.client.history(service, 1);
    const receipt = await platform.client.remove(service, change());
    assert.equal((await platform.client.waitForRollout(service, receipt.rollout)).outcome, 'succeeded');
    assert.deepEqual(await platform.pidsOf(service), []);
    await assert.rejects(fetch(url));
    await assert.rejects(platform.client.view(service), { reason: 'NOT_FOUND' });
    await assert.rejects(platform.client.deploy(service, 'command', change()), { reason: 'NOT_FOUND' });

    const again = await platform.client.apply(spec('web', command('eight')), change());
    assert.ok(again.rollout > (rollouts[0]?.number ?? 0));
    assert.equal((await platform.client.waitForRollout(service, again.rollout)).outcome, 'succeeded');
    const verdict = await platform.client.verifyAudit();
    assert.equal(verdict.ok, true);
  });
});
