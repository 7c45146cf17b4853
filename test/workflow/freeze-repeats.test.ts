import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BakeTask } from '../../src/activities/bake.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { verdict } from '../doubles/recording-activities.ts';
import { approvalGate } from '../domain/gates/samples.ts';
import { ERRORS } from '../domain/evidence/judge/samples.ts';
import { act } from './act.ts';
import type { RolloutHandle } from './bench.ts';
import { answering } from './faults.ts';
import { type SpecOptions, input, spec } from './samples.ts';
import { benchForEach, hookServerForEach } from './suite.ts';

const STEPS = [
  { weight: 10, bakeMs: 20 },
  { weight: 100, bakeMs: 20 },
];
const FREEZING: SpecOptions = { bakeMs: 20, freezeOnFail: { forMs: 3_600_000, then: 'abort' } };
const APPROVER = { actor: 'bob', standing: { roles: ['approver' as const] } };

const isFrozen = ({ frozen }: RolloutStatus): boolean => frozen !== undefined;
const isAtGate = ({ gates = [] }: RolloutStatus): boolean => gates.some(({ state }) => state === 'waiting');

describe('what a frozen rollout makes of retry and promote', () => {
  const bench = benchForEach();
  const hooks = hookServerForEach();

  const started = (options: SpecOptions) =>
    bench().start(input(spec(bench().service, { ...FREEZING, ...options }), { to: 3, live: 2, plan: STEPS }));
  const failBake = (evidence = 'answered 500') =>
    bench().activities.on('bake', answering([verdict('home', 3, 'fail', evidence)]));
  const audit = async (type: string) =>
    (await bench().activities.store.audit.list({})).filter((event) => event.type === type);
  const atGate = (handle: RolloutHandle) => bench().until(handle, isAtGate);

  it('a hook that failed is asked anew, under an id of its own, and both answers are recorded', async () => {
    hooks().answers('smoke', { status: 'failed', reason: 'the cart is empty' }, { status: 'succeeded' });
    const handle = await started({ hooks: [hooks().hook('smoke', { moment: 'after', phase: 'shift' })] });
    await bench().until(handle, isFrozen);
    await act(bench(), handle, 'retry');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    const place = `web/${bench().service.environment}:50:after-shift`;
    assert.deepEqual(
      hooks().calls.map(({ id }) => id),
      [`${place}:1:smoke`, `${place}:1:smoke:retry-1`, `${place}:2:smoke`],
    );
    assert.deepEqual(
      (await audit('hook.answered')).map(({ data }) => data.status),
      ['failed', 'succeeded', 'succeeded'],
    );
    assert.deepEqual([hooks().calls[0]?.body.data.retry, hooks().calls[1]?.body.data.retry], [undefined, 1]);
  });

  for (const [moment, phase] of [
    ['before', 'shift'],
    ['after', 'shift'],
    ['before', 'settle'],
  ] as const) {
    it(`a hook that fails ${moment} ${phase} counts as passed by promote, and is shown as it is`, async () => {
      // Before the first move nothing has traffic.
      const [first, rest] = [{ status: 'succeeded' }, { status: 'failed', reason: 'the cart is empty' }];
      hooks().answers('smoke', ...(phase === 'shift' ? [first, rest] : [rest]));
      const handle = await started({ hooks: [hooks().hook('smoke', { moment, phase })] });
      await bench().until(handle, isFrozen);
      await act(bench(), handle, 'promote');
      const { status } = await handle.result();
      assert.equal(status.outcome, 'succeeded');
      assert.partialDeepStrictEqual(status.hooks, [{ name: 'smoke', status: 'failed', isIgnored: true }]);
      assert.deepEqual(bench().activities.router.weights, { r3: 100, r2: 0 });
      assert.equal(bench().activities.called('bake'), phase === 'shift' ? 1 : 2);
    });
  }

  it('what people have approved stays approved', async () => {
    const handle = await started({ gates: [approvalGate({ step: 2 })] });
    await atGate(handle);
    failBake();
    await act(bench(), handle, 'approve', APPROVER);
    await bench().until(handle, isFrozen);
    await act(bench(), handle, 'retry');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(
      status.gates?.map(({ state, approvals }) => [state, approvals?.map(({ actor }) => actor)]),
      [
        ['open', ['bob']],
        ['open', ['bob']],
      ],
    );
  });

  it('a gate that did not open in time is waited for anew, by promote as well, and its step is baked', async () => {
    const handle = await started({ gates: [approvalGate({ step: 2, expiresAfterMs: 300 })] });
    const { frozen } = await bench().until(handle, isFrozen);
    assert.match(frozen?.because ?? '', /^gate approval qa did not open in time/);
    // It expires as soon as before: a busy machine may not get to it the first time.
    for (let isApproved = false; !isApproved;) {
      await bench().until(handle, isFrozen);
      await act(bench(), handle, 'promote');
      await bench().until(handle, (status) => isFrozen(status) || isAtGate(status));
      isApproved = await act(bench(), handle, 'approve', APPROVER).then(
        () => true,
        () => false,
      );
    }
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.equal(bench().activities.called('bake'), 2);
  });

  it('a gate that did not open in time is passed by a promotion that breaks the glass', async () => {
    const handle = await started({ gates: [approvalGate({ step: 2, expiresAfterMs: 300 })] });
    await bench().until(handle, isFrozen);
    await act(bench(), handle, 'promote', { ...APPROVER, breakGlass: true, reason: 'nobody is there' });
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(status.breakGlass?.reason, 'nobody is there');
    assert.equal(bench().activities.called('bake'), 2);
  });

  it('what a check found is recorded each time', async () => {
    failBake('answered 500');
    const handle = await started({});
    await bench().until(handle, isFrozen);
    failBake('answered 502');
    await act(bench(), handle, 'retry');
    await bench().until(handle, ({ frozen }) => frozen?.because === 'check home failed: answered 502');
    await act(bench(), handle, 'abort');
    await handle.result();
    const found = (await audit('check.judged')).filter(({ data }) => data.phase === 'bake');
    assert.deepEqual(
      found.map(({ reason, data }) => [reason, data.retry]),
      [
        ['answered 500', undefined],
        ['answered 502', 1],
      ],
    );
  });

  it('an analysis is told which time it is made', async () => {
    failBake();
    const handle = await started({
      strategy: { kind: 'canary', steps: [{ weight: 10, bakeMs: 20 }], bakeMs: 20, analysis: ERRORS },
    });
    await bench().until(handle, isFrozen);
    await act(bench(), handle, 'retry');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    const tasks = bench().activities.calls.filter(({ name }) => name === 'bake');
    assert.deepEqual(
      tasks.map(({ task }) => (task as BakeTask).analysis?.retry),
      [undefined, 1, undefined],
    );
  });
});
