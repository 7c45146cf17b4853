import assert from 'node:assert/strict';
import { JUDGES, STRATEGY_NAMES } from './ramps.ts';
import { BEHAVIOURS, FAULT_KINDS, PROVIDER_FAULTS, described, planOf } from './plan.ts';

const plans = Array.from({ length: 500 }, (_, seed) => planOf(seed));

describe('chaos plans', () => {
  it('are the same for the same seed, and others for others', () => {
    assert.deepEqual(planOf(7), planOf(7));
    assert.equal(new Set(plans.map((plan) => described({ ...plan, seed: 0 }))).size > 450, true);
  });

  it('begin with something to lose, and strike with a step that there is', () => {
    for (const { steps, faults } of plans) {
      const [first] = steps;
      assert.partialDeepStrictEqual(first, { wish: { do: 'deploy', behaviour: 'good' }, wait: true });
      assert.ok(first?.wish.do === 'deploy' && first.wish.guards?.gate === undefined);
      assert.ok(faults.length > 0);
      for (const { step } of faults) assert.ok(step > 0 && step < steps.length);
    }
  });

  it('leave no strategy out, nor whether an analysis judges it', () => {
    const ramps = plans.flatMap(({ steps }) =>
      steps.flatMap(({ wish }) => (wish.do === 'deploy' ? (wish.ramp ?? []) : [])),
    );
    const drawn = new Set(ramps.map(({ strategy, judge }) => `${strategy} ${judge}`));
    const all = STRATEGY_NAMES.flatMap((name) => [...JUDGES, undefined].map((judge) => `${name} ${judge}`));
    assert.deepEqual([...drawn].sort(), all.sort());
    const fresh = ramps.filter(({ isFresh }) => isFresh);
    assert.ok(fresh.length > 0 && fresh.every(({ strategy, judge }) => strategy !== 'blue-green' && judge));
    const previewed = ramps.filter(({ isPreviewed }) => isPreviewed);
    assert.ok(previewed.length > 0 && previewed.every(({ strategy }) => strategy === 'blue-green'));
    const beside = new Set(plans.filter((plan) => described(plan).includes('fresh')).map(({ router }) => router));
    assert.deepEqual([...beside].sort(), ['embedded', 'haproxy']);
    assert.deepEqual([...new Set(plans.map(({ router }) => router))].sort(), ['embedded', 'haproxy']);
    assert.ok(plans.some(({ steps }) => steps.some(({ wish }) => wish.do === 'promote' && wish.full)));
  });

  it('leave no fault, behaviour or provider fault out', () => {
    const struck = new Set(plans.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    assert.deepEqual([...struck].sort(), [...FAULT_KINDS].sort());
    const deployed = plans.flatMap(({ steps }) => steps.flatMap(({ wish }) => (wish.do === 'deploy' ? [wish] : [])));
    assert.deepEqual([...new Set(deployed.map(({ behaviour }) => behaviour))].sort(), [...BEHAVIOURS].sort());
    const provided = new Set(deployed.flatMap(({ provider }) => provider ?? []));
    assert.deepEqual([...provided].sort(), [...PROVIDER_FAULTS].sort());
  });
});
