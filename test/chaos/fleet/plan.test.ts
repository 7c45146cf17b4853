import assert from 'node:assert/strict';
import { FLEET_FAULT_KINDS, describeFleetPlan, planFleetRun } from './plan.ts';

const plans = Array.from({ length: 300 }, (_, seed) => planFleetRun(seed));

describe('chaos plans for a fleet', () => {
  it('are the same for the same seed, and others for others', () => {
    assert.deepEqual(planFleetRun(7), planFleetRun(7));
    assert.ok(new Set(plans.map((plan) => describeFleetPlan({ ...plan, seed: 0 }))).size > 280);
  });

  it('leave out no fault and no wish, and strike at removals, too', () => {
    const struck = new Set(plans.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    assert.deepEqual([...struck].sort(), [...FLEET_FAULT_KINDS].sort());
    const wishes = new Set(
      plans.flatMap(({ services }) => services.flatMap(({ steps }) => steps.map(({ wish }) => wish.do))),
    );
    assert.deepEqual([...wishes].sort(), ['abort', 'deploy', 'rollback']);
    assert.ok(plans.some(({ services, faults }) => faults.some(({ step }) => step === services[0]?.steps.length)));
    assert.ok(plans.some(({ services }) => services.length === 2));
    assert.ok(plans.some(({ services }) => services.at(-1)?.isBound));
  });
});
