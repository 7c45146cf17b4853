import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { verdict } from '../doubles/recording-activities.ts';
import type { Wait } from '../../src/domain/rollout/rollout.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/shared/search-attributes.ts';
import { act } from './act.ts';
import type { RolloutHandle } from './bench.ts';
import { answering, permanent } from './faults.ts';
import { type SpecOptions, input, spec } from './samples.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const LONG_MS = 3_600_000;
const STEPS = [
  { weight: 10, bakeMs: 20 },
  { weight: 100, bakeMs: 20 },
];
const FREEZING: SpecOptions = { bakeMs: 20, freezeOnFail: { forMs: LONG_MS, then: 'abort' } };

const isFrozen = ({ frozen }: RolloutStatus): boolean => frozen !== undefined;

describe('a rollout that may not go back, and fails under traffic', () => {
  const bench = benchForEach();
  const failing = (revision = 3, evidence = 'answered 500') =>
    bench().activities.on('bake', answering([verdict('home', revision, 'fail', evidence)]));
  const started = (options = FREEZING, plan = STEPS) =>
    bench().start(input(spec(bench().service, options), { to: 3, live: 2, warm: [1], plan }));

  const frozen = async (options = FREEZING, plan = STEPS): Promise<RolloutHandle> => {
    failing();
    const handle = await started(options, plan);
    await bench().until(handle, isFrozen);
    return handle;
  };

  it('stays as it is, says so, and calls a person', async () => {
    const { activities, env } = bench();
    const handle = await frozen();
    const status = await handle.query<RolloutStatus>('status');
    assert.equal(status.frozen?.because, 'check home failed: answered 500');
    const { on, endedBy, then, since, until } = status.wait as Required<Wait>;
    assert.match(on, /^somebody to decide what becomes of this: check home failed: answered 500$/);
    assert.deepEqual([endedBy, then], ['retry, promote or abort', 'the rollout is put back']);
    assert.ok(Date.parse(until) - Date.parse(since) === LONG_MS);
    assert.deepEqual(activities.router.weights, { r3: 10, r2: 90, r1: 0 });
    assert.deepEqual(activities.stacks.names, ['r1', 'r2', 'r3']);
    const { typedSearchAttributes } = await env.client.workflow.getHandle(handle.workflowId).describe();
    assert.equal(typedSearchAttributes.get(SEARCH_ATTRIBUTES.needsHuman), true);
    const events = (await activities.store.audit.list()).filter(({ type }) => type === 'rollout.frozen');
    assert.deepEqual([events.length, events[0]?.reason], [1, 'check home failed: answered 500']);
    // No activity is under way: nothing holds a place that others need.
    assert.equal((await handle.describe()).raw.pendingActivities?.length ?? 0, 0);
    await act(bench(), handle, 'abort');
    assert.equal((await handle.result()).status.outcome, 'aborted');
    assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
    assert.deepEqual(activities.stacks.names, ['r1', 'r2']);
  });

  it('is repeated from its traffic on by retry: the bake begins anew', async () => {
    const { activities } = bench();
    const handle = await frozen();
    await act(bench(), handle, 'retry');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(status.frozen, undefined);
    assert.equal(activities.called('bake'), 3);
    assert.deepEqual(
      status.steps.map(({ state }) => state),
      ['done', 'done'],
    );
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0 });
  });

  it('freezes again where it fails again', async () => {
    const { activities } = bench();
    const handle = await frozen();
    failing(3, 'answered 502');
    await act(bench(), handle, 'retry');
    await bench().until(handle, (status) => status.frozen?.because === 'check home failed: answered 502');
    await act(bench(), handle, 'abort');
    await handle.result();
    const events = (await activities.store.audit.list()).filter(({ type }) => type === 'rollout.frozen');
    assert.equal(events.length, 2);
  });

  it('goes on with the next step by promote, and bakes that one', async () => {
    const { activities } = bench();
    const handle = await frozen();
    await act(bench(), handle, 'promote');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(activities.called('bake'), 2);
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0 });
  });

  it('has all traffic before it is settled on, where promote passes over a write that failed', async () => {
    const { activities, service } = bench();
    activities.on('shift', (effect) => effect());
    activities.on('shift', permanent('RecordRefused', 'the record says otherwise'));
    const handle = await bench().start(input(spec(service, FREEZING), { to: 3, live: 2, plan: STEPS }));
    await bench().until(handle, isFrozen);
    assert.deepEqual(activities.router.weights, { r3: 10, r2: 90 });
    await act(bench(), handle, 'promote');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0 });
  });

  for (const then of ['abort', 'promote'] as const) {
    it(`ends by itself where nobody decides: ${then}`, async () => {
      const { activities } = bench();
      failing();
      const handle = await started({ ...FREEZING, freezeOnFail: { forMs: 300, then } });
      const { status } = await handle.result();
      assert.equal(status.outcome, then === 'abort' ? 'aborted' : 'succeeded');
      if (then === 'abort') assert.match(status.because ?? '', /nobody has decided; it failed since check home failed/);
      assert.deepEqual(activities.router.weights, then === 'abort' ? { r2: 100, r1: 0 } : { r3: 100, r2: 0 });
    });
  }

  it('is answered with the reason where something makes no sense', async () => {
    const handle = await frozen();
    for (const verb of ['pause', 'resume', 'approve'] as const) {
      await assert.rejects(act(bench(), handle, verb), (error: Error) => /frozen|gate/.test(String(error.cause)));
    }
    await act(bench(), handle, 'abort');
    await handle.result();
  });

  it('is put back where it never had traffic', async () => {
    const { activities } = bench();
    activities.on('check', answering(verdict('home', 3, 'fail')));
    const { status } = await (await started()).result();
    assert.equal(status.outcome, 'failed');
    assert.deepEqual(activities.stacks.names, ['r1', 'r2']);
  });

  it('gives way to a rollback, as any deployment that is not live yet', async () => {
    const desk = await ServiceBench.live(bench(), 1, FREEZING);
    failing(2);
    const receipt = await desk.apply('v2', FREEZING);
    await bench().until(desk.rollout(receipt.rollout), isFrozen);
    const rollback = await desk.rollback();
    assert.equal(rollback.ends, receipt.rollout);
    assert.equal((await desk.over(receipt)).outcome, 'aborted');
    assert.equal((await desk.over(rollback)).outcome, 'succeeded');
    assert.equal(bench().activities.router.weights.r1, 100);
  });
});

describe('a deployment that may not go back, whose end a program demands that watches the service,', () => {
  const bench = benchForEach();
  const demand = (handle: RolloutHandle, reason = 'checkouts fail') =>
    act(bench(), handle, 'abort', { actor: 'webhook:pager', reason, demanded: true });
  const started = (plan = STEPS) => bench().start(input(spec(bench().service, FREEZING), { to: 3, live: 2, plan }));

  it('is frozen as by a check that fails: a bake is called off, and a person decides', async () => {
    const { activities } = bench();
    const hold = activities.hold('bake');
    const handle = await started();
    await hold.reached;
    assert.match(await demand(handle), /^freezes the rollout, .* a person decides$/);
    const { frozen, steps } = await bench().until(handle, isFrozen);
    assert.equal(frozen?.because, 'webhook:pager demands its end: checkouts fail');
    assert.deepEqual([steps[0]?.state, steps[0]?.note], ['failed', frozen.because]);
    assert.deepEqual(activities.router.weights, { r3: 10, r2: 90 });
    assert.deepEqual(activities.stacks.names, ['r2', 'r3']);
    await act(bench(), handle, 'retry');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0 });
    const events = (await activities.store.audit.list()).filter(({ type }) => type === 'rollout.frozen');
    assert.equal(events.length, 1);
  });

  it('is not put back by a second one, and is by a person', async () => {
    const hold = bench().activities.hold('bake');
    const handle = await started();
    await hold.reached;
    await demand(handle);
    await bench().until(handle, isFrozen);
    await assert.rejects(demand(handle, 'still'), (error: Error) => String(error.cause).includes('frozen already'));
    await act(bench(), handle, 'abort');
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.because], ['aborted', 'aborted by bob']);
    assert.deepEqual(bench().activities.router.weights, { r2: 100 });
  });

  it('is frozen where it is paused under traffic, and paused no more', async () => {
    const hold = bench().activities.hold('bake');
    const handle = await started();
    await hold.reached;
    await act(bench(), handle, 'pause');
    hold.release();
    await bench().until(handle, ({ wait }) => (wait?.on ?? '').startsWith('resume; paused'));
    await demand(handle);
    const { paused } = await bench().until(handle, isFrozen);
    assert.equal(paused, false);
    assert.deepEqual(bench().activities.router.weights, { r3: 10, r2: 90 });
    await act(bench(), handle, 'promote');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('is put back where it has no traffic yet', async () => {
    const hold = bench().activities.hold('check');
    const handle = await started();
    await hold.reached;
    assert.match(await demand(handle), /^puts everything back/);
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.because], ['aborted', 'aborted by webhook:pager: checkouts fail']);
    assert.deepEqual(bench().activities.stacks.names, ['r2']);
  });

  it('is put back where a person ends it', async () => {
    const hold = bench().activities.hold('bake');
    const handle = await started();
    await hold.reached;
    await act(bench(), handle, 'abort');
    assert.equal((await handle.result()).status.outcome, 'aborted');
    assert.deepEqual(bench().activities.router.weights, { r2: 100 });
  });
});

describe('a rollback that fails', () => {
  const bench = benchForEach();
  const back = (to: number, warm: number[], options: SpecOptions = { bakeMs: 20 }, plan = STEPS) =>
    bench().start(input(spec(bench().service, options), { kind: 'rollback', to, live: 2, warm, plan }));

  it('in its bake stays where it is, until somebody decides', async () => {
    const { activities } = bench();
    activities.on('bake', answering([verdict('home', 1, 'fail', 'answered 500')]));
    const handle = await back(1, []);
    const { wait } = await bench().until(handle, isFrozen);
    assert.match(wait?.then ?? '', /what failed counts as passed/);
    assert.deepEqual(activities.router.weights, { r1: 10, r2: 90 });
    await act(bench(), handle, 'promote');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.equal(activities.router.weights.r1, 100);
  });

  it('in its write stays where it is, too; only a person gives traffic to what was fled from', async () => {
    const { activities } = bench();
    activities.on('shift', permanent('RecordRefused'));
    const handle = await back(1, [1]);
    await bench().until(handle, isFrozen);
    await act(bench(), handle, 'retry');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r1: 100, r2: 0 });
  });

  it('before it has moved traffic leaves all as it is, and says what is left to do', async () => {
    const { activities } = bench();
    activities.on('recheck', answering([verdict('home', 1, 'fail')]));
    const { status } = await (await back(1, [1])).result();
    assert.equal(status.outcome, 'failed');
    assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
    assert.deepEqual(activities.stacks.names, ['r1', 'r2']);
  });

  it('waits for a router that is away for as long as that lasts', async () => {
    const { activities } = bench();
    let isAway = true;
    const away = async (effect: () => Promise<unknown>) => {
      if (isAway) throw new Error('connect ECONNREFUSED');
      return effect();
    };
    activities.on('shift', away, { times: 100 });
    const handle = await back(1, [1]);
    await bench().visible(async () => activities.called('shift') > 2);
    isAway = false;
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r1: 100, r2: 0 });
  });

  it('is not put back for a deployment once it has traffic, whatever the policy', async () => {
    const desk = await ServiceBench.live(bench(), 2, { concurrency: 'supersede-running', warm: 0 });
    const hold = bench().activities.hold('bake');
    await desk.apply('v2', { concurrency: 'supersede-running', warm: 0, bakeMs: 20 });
    const rollback = await desk.rollback(1);
    await hold.reached;
    const fix = await desk.deploy('v3');
    hold.release();
    assert.equal((await desk.over(rollback)).outcome, 'succeeded');
    assert.equal((await desk.over(fix)).outcome, 'succeeded');
    assert.deepEqual(Object.keys(bench().activities.router.weights).includes('r3'), true);
  });
});
