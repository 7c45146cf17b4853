import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { approvalGate } from '../../test/domain/gates/samples.ts';
import { verdict } from '../../test/doubles/recording-activities.ts';
import { act } from '../../test/workflow/act.ts';
import type { Bench, RolloutHandle } from '../../test/workflow/bench.ts';
import { answering } from '../../test/workflow/faults.ts';
import { input, spec } from '../../test/workflow/samples.ts';

type Scenario = (bench: Bench) => Promise<RolloutHandle>;

const COHORT: StrategySpec = {
  kind: 'canary',
  cohort: { header: { name: 'x-beta', value: 'yes' }, bakeMs: 20 },
  steps: [{ weight: 10, bakeMs: 20 }],
  bakeMs: 20,
};

const INSPECTION: StrategySpec = { kind: 'blue-green', inspection: { holdMs: 20, then: 'abort' }, bakeMs: 20 };

const PREVIEW: StrategySpec = { kind: 'blue-green', preview: {}, bakeMs: 20 };

const APPROVER = { actor: 'bob', standing: { roles: ['approver' as const] } };

function start(bench: Bench, strategy: StrategySpec): Promise<RolloutHandle> {
  return bench.start(input({ ...spec(bench.service), strategy }, { to: 2, live: 1 }));
}

/** At the gate before its traffic, where somebody looks. */
async function startPreviewed(bench: Bench, live?: number): Promise<RolloutHandle> {
  const described = { ...spec(bench.service), strategy: PREVIEW, gates: [approvalGate()] };
  const handle = await bench.start(input(described, live === undefined ? { to: 1 } : { to: 2, live }));
  await bench.until(handle, ({ wait, preview }) => wait !== undefined && preview !== undefined);
  return handle;
}

async function over(handle: RolloutHandle): Promise<RolloutHandle> {
  await handle.result();
  return handle;
}

/** Rollouts of which an audience has the new revision before any share, or somebody looks at it. */
export const AUDIENCE_SCENARIOS: Record<string, Scenario> = {
  cohort: async (bench) => over(await start(bench, COHORT)),
  'cohort-rolled-back': async (bench) => {
    bench.activities.on('bake', answering([verdict('home', 2, 'fail')]));
    return over(await start(bench, COHORT));
  },
  'inspection-promoted': async (bench) => {
    const hold = bench.activities.hold('bake');
    const handle = await start(bench, INSPECTION);
    await hold.reached;
    await act(bench, handle, 'promote');
    return over(handle);
  },
  'inspection-not-promoted': async (bench) => over(await start(bench, INSPECTION)),
  'preview-approved': async (bench) => {
    const handle = await startPreviewed(bench, 1);
    await act(bench, handle, 'approve', APPROVER);
    return over(handle);
  },
  'preview-rejected': async (bench) => {
    const handle = await startPreviewed(bench, 1);
    await act(bench, handle, 'reject', { ...APPROVER, reason: 'not what we want' });
    return over(handle);
  },
  'first-preview-approved': async (bench) => {
    const handle = await startPreviewed(bench);
    await act(bench, handle, 'approve', APPROVER);
    return over(handle);
  },
};
