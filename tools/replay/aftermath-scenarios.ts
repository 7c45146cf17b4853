import type { WorkflowHandle } from '@temporalio/client';
import type { RolloutVerb } from '../../src/domain/rollout/verbs.ts';
import { verdict } from '../../test/doubles/recording-activities.ts';
import { approvalGate } from '../../test/domain/gates/samples.ts';
import { act } from '../../test/workflow/act.ts';
import type { Bench, RolloutHandle } from '../../test/workflow/bench.ts';
import { answering } from '../../test/workflow/faults.ts';
import { type SpecOptions, input, spec } from '../../test/workflow/samples.ts';
import { ServiceBench } from '../../test/workflow/service-bench.ts';

const LONG_MS = 3_600_000;
const FREEZING: SpecOptions = { bakeMs: 20, freezeOnFail: { forMs: LONG_MS, then: 'abort' } };
const STEPS = [
  { weight: 10, bakeMs: 20 },
  { weight: 100, bakeMs: 20 },
];

/** A rollout that fails in its first step, and what a person makes of it. */
async function frozen(
  bench: Bench,
  verb: RolloutVerb,
  what: Parameters<typeof input>[1],
  options: SpecOptions = FREEZING,
): Promise<RolloutHandle> {
  bench.activities.on('bake', answering([verdict('home', what.to ?? 1, 'fail', 'answered 500')]));
  const handle = await bench.start(input(spec(bench.service, options), { plan: STEPS, ...what }));
  await bench.until(handle, (status) => status.frozen !== undefined);
  await act(bench, handle, verb);
  await handle.result();
  return handle;
}

/** Its gate was approved, its bake fails, and it is made again; before the end nobody comes in time, and somebody promotes it. */
async function frozenAtGate(bench: Bench): Promise<RolloutHandle> {
  const gates = [
    approvalGate({ step: 2, least: 1 }),
    approvalGate({ name: 'end', before: 'settle', expiresAfterMs: 200 }),
  ];
  const handle = await bench.start(input(spec(bench.service, { ...FREEZING, gates }), { to: 2, live: 1, plan: STEPS }));
  const atGate = async (): Promise<void> => {
    await bench.until(handle, ({ wait }) => wait?.on.startsWith('gate ') === true);
  };
  const approve = () => act(bench, handle, 'approve', { actor: 'bob', standing: { roles: ['approver'] } });
  const whenFrozen = () => bench.until(handle, (status) => status.frozen !== undefined);
  await atGate();
  bench.activities.on('bake', answering([verdict('home', 2, 'fail', 'answered 500')]));
  await approve();
  await whenFrozen();
  await act(bench, handle, 'retry');
  // As rollouts did before, whose histories have to replay: they asked once more.
  const asksAgain = bench.until(
    handle,
    (status) => status.frozen !== undefined || status.wait?.on.includes('qa') === true,
  );
  if ((await asksAgain).frozen === undefined) await approve();
  await whenFrozen();
  await act(bench, handle, 'promote', { actor: 'cy', breakGlass: true, reason: 'nobody is there' });
  await handle.result();
  return handle;
}

/** What follows where something fails that does not go back by itself, and after what did. */
export const AFTERMATH_SCENARIOS: Record<string, (bench: Bench) => Promise<WorkflowHandle>> = {
  'frozen-and-retried': (bench) => frozen(bench, 'retry', { to: 2, live: 1 }),
  'frozen-and-promoted': (bench) => frozen(bench, 'promote', { to: 2, live: 1 }),
  'frozen-and-aborted': (bench) => frozen(bench, 'abort', { to: 2, live: 1 }),
  'frozen-by-a-demand': async (bench) => {
    const hold = bench.activities.hold('bake');
    const handle = await bench.start(input(spec(bench.service, FREEZING), { to: 2, live: 1, plan: STEPS }));
    await hold.reached;
    const by = { actor: 'webhook:pager', reason: 'checkouts fail', demanded: true } as const;
    await act(bench, handle, 'abort', by);
    await bench.until(handle, (status) => status.frozen !== undefined);
    await act(bench, handle, 'retry');
    await handle.result();
    return handle;
  },
  'frozen-at-a-gate-and-approved': frozenAtGate,
  // Its history is of workflows that asked once more for what was approved.
  'frozen-at-a-gate-asked-again': frozenAtGate,
  'frozen-rollback': (bench) => frozen(bench, 'promote', { kind: 'rollback', to: 1, live: 2 }, { bakeMs: 20 }),
  'frozen-until-its-end': async (bench) => {
    bench.activities.on('bake', answering([verdict('home', 2, 'fail')]));
    const options: SpecOptions = { bakeMs: 20, freezeOnFail: { forMs: 100, then: 'abort' } };
    const handle = await bench.start(input(spec(bench.service, options), { to: 2, live: 1 }));
    await handle.result();
    return handle;
  },
  'within-its-deadline': async (bench) => {
    const options: SpecOptions = { bakeMs: 20, progressDeadlineMs: LONG_MS };
    const handle = await bench.start(input(spec(bench.service, options), { to: 2, live: 1, plan: STEPS }));
    await handle.result();
    return handle;
  },
  'beyond-its-deadline': async (bench) => {
    bench.activities.hold('provision');
    const options: SpecOptions = { bakeMs: 20, progressDeadlineMs: 200 };
    const handle = await bench.start(input(spec(bench.service, options), { to: 2, live: 1 }));
    await handle.result();
    return handle;
  },
  'service-holding-a-release': async (bench) => {
    const desk = await ServiceBench.live(bench, 1);
    const destroying = bench.activities.hold('destroy');
    bench.activities.on('bake', answering([verdict('home', 2, 'fail', 'answered 500')]));
    const first = await desk.apply('v2', { bakeMs: LONG_MS });
    await destroying.reached;
    await desk.apply('v2', { bakeMs: LONG_MS });
    destroying.release();
    await desk.over(first);
    await desk.until(({ queue }) => queue.length === 0);
    await desk.apply('v2').catch(() => undefined);
    await desk.over(await desk.again('v2'));
    return desk.handle;
  },
  'service-with-a-window': async (bench) => {
    const window: SpecOptions = { warm: 2, rollbackWindow: { revisions: 1, durationMs: LONG_MS } };
    const desk = await ServiceBench.live(bench, 3, window);
    await desk.over(await desk.rollback(1));
    await desk.over(await desk.apply('v3', window));
    return desk.handle;
  },
  'rollback-beyond-the-window': async (bench) => {
    const window: SpecOptions = { warm: 2, rollbackWindow: { revisions: 1 } };
    const desk = await ServiceBench.live(bench, 3, window);
    const receipt = await desk.rollback(1);
    await desk.over(receipt);
    return desk.rollout(receipt.rollout);
  },
};
