import type { WorkflowHandle } from '@temporalio/client';
import { verdict } from '../../test/doubles/recording-activities.ts';
import type { Verdict } from '../../src/domain/evidence/checks.ts';
import { ERROR_COMPARISON, FRESH_ERROR_COMPARISON } from '../../src/domain/evidence/judge/error-findings.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { ERRORS } from '../../test/domain/evidence/judge/samples.ts';
import { act } from '../../test/workflow/act.ts';
import type { Bench, RolloutHandle } from '../../test/workflow/bench.ts';
import { answering, permanent } from '../../test/workflow/faults.ts';
import { input, spec } from '../../test/workflow/samples.ts';
import { ServiceBench } from '../../test/workflow/service-bench.ts';

const STEPS = [
  { weight: 10, bakeMs: 20 },
  { weight: 100, bakeMs: 20 },
];

async function startAndEnd(bench: Bench, described: ServiceSpec, what: Parameters<typeof input>[1]) {
  const handle = await bench.start(input(described, what));
  await handle.result();
  return handle;
}

/** A canary whose bakes an analysis judges, the last of those that have a baseline as told. */
function analysed(bench: Bench, last: Verdict['verdict']): Promise<RolloutHandle> {
  const found = (worth: number, what: Verdict['verdict']): Verdict => ({
    ...verdict(ERROR_COMPARISON, 3, what),
    numbers: { worth },
  });
  bench.activities.on('bake', answering([verdict('home', 3, 'pass'), found(0.4, 'pass')]));
  bench.activities.on('bake', answering([verdict('home', 3, 'pass'), found(last === 'fail' ? 25 : 1.5, last)]));
  const steps = [
    { weight: 10, bakeMs: 20 },
    { weight: 50, bakeMs: 20 },
  ];
  const strategy = { kind: 'canary' as const, steps, bakeMs: 20, analysis: ERRORS };
  return startAndEnd(bench, { ...spec(bench.service), strategy }, { to: 3, live: 2, warm: [1] });
}

const BESIDE: StrategySpec = {
  ...{ kind: 'canary', steps: [{ weight: 10, bakeMs: 20 }], bakeMs: 20 },
  analysis: { ...ERRORS, compare: { errors: { alpha: 0.05 }, baseline: 'fresh' } },
};

/** The same beside a fresh baseline, r4. */
async function beside(bench: Bench): Promise<RolloutHandle> {
  return startAndEnd(bench, spec(bench.service, { strategy: BESIDE }), { to: 3, live: 2, warm: [1], baseline: 4 });
}

/** Rollouts whose traffic moves in more than one step. */
export const STEP_SCENARIOS: Record<string, (bench: Bench) => Promise<WorkflowHandle>> = {
  'plan-of-steps': (bench) => startAndEnd(bench, spec(bench.service), { to: 3, live: 2, warm: [1], plan: STEPS }),
  'plan-of-steps-failing': (bench) => {
    bench.activities.on('bake', (effect) => effect());
    bench.activities.on('bake', answering([verdict('home', 2, 'fail')]));
    return startAndEnd(bench, spec(bench.service), { to: 2, live: 1, plan: STEPS });
  },
  'plan-of-steps-promoted': async (bench) => {
    const hold = bench.activities.hold('bake');
    const handle = await bench.start(input(spec(bench.service), { to: 2, live: 1, plan: STEPS }));
    await hold.reached;
    await act(bench, handle, 'promote');
    await handle.result();
    return handle;
  },
  'plan-of-steps-promoted-twice': async (bench) => {
    const hold = bench.activities.hold('bake');
    const handle = await bench.start(input(spec(bench.service), { to: 2, live: 1, plan: STEPS }));
    await hold.reached;
    await Promise.allSettled([
      act(bench, handle, 'promote', { actor: 'bob', full: true }),
      act(bench, handle, 'promote'),
    ]);
    await handle.result();
    return handle;
  },
  'analysed-in-steps': (bench) => analysed(bench, 'pass'),
  'analysed-in-steps-rolled-back': (bench) => analysed(bench, 'fail'),
  'beside-a-baseline': beside,
  'beside-a-baseline-rolled-back': (bench) => {
    bench.activities.on('bake', answering([verdict(FRESH_ERROR_COMPARISON, 3, 'fail')]));
    return beside(bench);
  },
  'baseline-not-made': (bench) => {
    bench.activities.on('provision', permanent('StackFailed'), {
      matches: (task) => (task as { revision: number }).revision === 4,
    });
    return beside(bench);
  },
  'service-beside-a-baseline': async (bench) => {
    const desk = await ServiceBench.live(bench, 1);
    await desk.over(await desk.apply('v2', { strategy: BESIDE }));
    await bench.visible(async () => bench.activities.stacks.names.join() === 'r1,r2');
    return desk.handle;
  },
  'steps-of-haproxy': (bench) => {
    const described = { ...spec(bench.service), router: { kind: 'haproxy' as const, port: 8_080 } };
    return startAndEnd(bench, described, { to: 3, live: 2, warm: [1], plan: STEPS });
  },
};
