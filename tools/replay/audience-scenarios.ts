import type { StrategySpec } from '../../src/domain/service/strategy.ts';
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

function start(bench: Bench, strategy: StrategySpec): Promise<RolloutHandle> {
  return bench.start(input({ ...spec(bench.service), strategy }, { to: 2, live: 1 }));
}

async function over(handle: RolloutHandle): Promise<RolloutHandle> {
  await handle.result();
  return handle;
}

/** Rollouts of which an audience has the new revision before any share. */
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
};
