import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { StackTask } from '../../src/activities/stacks.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { ERRORS } from '../domain/evidence/judge/samples.ts';
import type { SpecOptions } from './samples.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach, hookServerForEach } from './suite.ts';

describe('migrations of what revisions share', () => {
  const bench = benchForEach();
  const hooks = hookServerForEach();

  const migrating = (more: SpecOptions = {}): SpecOptions => {
    const { url, secret, timeoutMs } = hooks().hook('contract', { moment: 'after', phase: 'settle' });
    const expand = { url: url.replace(/contract$/, 'expand'), secret, timeoutMs, waitForMs: 60_000 };
    return { warmForMs: 60, migrations: { expand, contract: { url, secret, timeoutMs, afterMs: 0 } }, ...more };
  };
  const recorded = async () =>
    (await bench().activities.store.catalogue.contracts.list(bench().service)).map(({ revision, state }) => [
      revision,
      state,
    ]);
  const until = async (...wanted: [number, string][]) =>
    bench().visible(async () => JSON.stringify(await recorded()) === JSON.stringify(wanted));
  const events = async () =>
    (await bench().activities.store.audit.list({})).flatMap(({ type }) => (type.startsWith('contract.') ? [type] : []));

  it('expand before a revision is made, and contract once the one before is gone; from then on nobody goes back', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    await desk.over(await desk.apply('v2', migrating()));
    assert.equal(hooks().calls[0]?.body.type, 'rollout.before-provision');
    await until([2, 'done']);
    assert.deepEqual(hooks().heard, ['expand', 'contract']);
    const { environment } = bench().service;
    const contract = hooks().calls[1];
    assert.equal(contract?.id, `web/${environment}:contract:r2`);
    assert.deepEqual(contract.body.data, { service: 'web', environment, revision: 'r2', rollout: 2, attempt: 1 });
    assert.ok(!bench().activities.stacks.standing(1));
    assert.deepEqual(await events(), ['contract.planned', 'contract.begun', 'contract.done']);
    const isRefused = ({ cause }: Error): boolean =>
      (cause as Error).message.startsWith('r1 is from before the contract of r2, which has begun');
    await assert.rejects(desk.rollback(1), isRefused);
    await assert.rejects(desk.rollback(), isRefused);
  });

  it('contract nothing while a revision from before is pinned, and then one after the other', async () => {
    const desk = await ServiceBench.live(bench(), 1, { warmForMs: 3_600_000 });
    await desk.over(await desk.apply('v2', migrating({ warmForMs: 3_600_000 })));
    await desk.note({ kind: 'pin', revision: 1 });
    await desk.over(await desk.apply('v3', migrating()));
    await until([2, 'waiting'], [3, 'waiting']);
    assert.ok(!hooks().heard.includes('contract'));
    // What is kept for less time from now on is kept all the same while it is pinned.
    await desk.apply('v3', migrating({ warmForMs: 50 }));
    await desk.note({ kind: 'unpin', revision: 1 });
    await until([2, 'done'], [3, 'done']);
    assert.deepEqual(
      hooks()
        .calls.filter(({ path }) => path === '/contract')
        .map(({ body }) => body.data.revision),
      ['r2', 'r3'],
    );
  });

  it('are called off where the service goes back', async () => {
    const desk = await ServiceBench.live(bench(), 1, { warmForMs: 3_600_000 });
    await desk.over(await desk.apply('v2', migrating({ warmForMs: 3_600_000 })));
    await desk.over(await desk.rollback());
    await until([2, 'cancelled']);
    assert.deepEqual(await events(), ['contract.planned', 'contract.cancelled']);
    assert.equal((await desk.status())?.live, 1);
    // It is deployed anew, and expands anew; what was called off stays so.
    await desk.over(await desk.apply('v3', migrating({ warmForMs: 0 })));
    await until([2, 'cancelled'], [3, 'done']);
    assert.deepEqual(hooks().heard, ['expand', 'expand', 'contract']);
  });

  it('are not begun by a revision that did not become live', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    hooks().answers('expand', { status: 'failed', reason: 'locked' });
    const { outcome, because } = await desk.over(await desk.apply('v2', migrating()));
    assert.deepEqual([outcome, because], ['failed', 'hook expand, before provision, failed: locked']);
    assert.deepEqual(await recorded(), []);
    assert.equal(bench().activities.called('provision'), 1);
  });

  describe('beside a fresh baseline that is not gone yet', () => {
    const CANARY: StrategySpec = {
      ...{ kind: 'canary', steps: [{ weight: 10, bakeMs: 20 }], bakeMs: 20 },
      analysis: { ...ERRORS, compare: { ...ERRORS.compare!, baseline: 'fresh' } },
    };
    const isBaseline = (task: unknown): boolean => (task as StackTask).revision === 3;

    it('contract nothing, though the workflow begins afresh and knows nothing of it', async () => {
      const { activities } = bench();
      const desk = await ServiceBench.live(bench(), 1, { warmForMs: 3_600_000 });
      const hold = activities.hold('destroy', { matches: isBaseline });
      await desk.over(await desk.apply('v2', migrating({ strategy: CANARY, warmForMs: 3_600_000 })));
      await hold.reached;
      await desk.handle.terminate();
      // Nothing else of the older release is left from here on.
      await desk.note({ kind: 'mark-bad', revision: 1 });
      await desk.apply('v2', migrating({ strategy: CANARY, warm: 0 }));
      await bench().visible(async () => !activities.stacks.standing(1));
      await bench().visible(async () => activities.called('beginContract') > 0);
      assert.deepEqual(await recorded(), [[2, 'waiting']]);
      assert.ok(!hooks().heard.includes('contract'));
      hold.release();
      await until([2, 'done']);
      const told = (await activities.store.audit.list({})).map(({ type, data }) => `${type} ${data.stack as string}`);
      const gone = told.findLastIndex((each) => each.startsWith('stack.destroyed') && each.endsWith('-r3'));
      assert.ok(gone >= 0 && gone < told.findIndex((each) => each.startsWith('contract.begun')));
    });
  });

  it('are called under one id until they are done, whatever becomes of workers and of the workflow', async () => {
    const [busy, done] = [{ status: 'in-progress' }, { status: 'succeeded' }];
    hooks().answers('contract', busy, 503, 'silence', busy, done);
    const desk = await ServiceBench.live(bench(), 1, migrating());
    const calls = () => hooks().calls.filter(({ path }) => path === '/contract');
    await bench().visible(async () => Promise.resolve(calls().length >= 3));
    assert.deepEqual(await recorded(), [[1, 'begun']]);
    await bench().restart();
    await desk.handle.terminate();
    await desk.apply('v1', migrating({ warm: 2 }));
    await until([1, 'done']);
    assert.ok(calls().length >= 4 && new Set(calls().map(({ id }) => id)).size === 1);
  });

  it('hold no rollout while they are called', async () => {
    hooks().answers('contract', 'silence');
    const desk = await ServiceBench.live(bench(), 1, migrating());
    await bench().visible(async () => Promise.resolve(hooks().heard.includes('contract')));
    const second = await desk.over(await desk.apply('v2', migrating({ warmForMs: 3_600_000 })));
    assert.equal(second.outcome, 'succeeded');
    // The contract of r1 takes nothing away that r1 needs.
    assert.equal((await desk.over(await desk.rollback(1))).outcome, 'succeeded');
    assert.deepEqual((await recorded())[0], [1, 'begun']);
  });

  it('end with their service', async () => {
    const desk = await ServiceBench.live(bench(), 1, { warmForMs: 3_600_000 });
    await desk.over(await desk.apply('v2', migrating({ warmForMs: 3_600_000 })));
    await desk.ended(await desk.remove());
    await until([2, 'cancelled']);
    assert.ok(!hooks().heard.includes('contract'));
  });
});
