import assert from 'node:assert/strict';
import { OVERLAPS } from '../../../src/domain/experiment/experiment.ts';
import { findExperimentFaults } from '../../../src/domain/experiment/faults.ts';
import { DEEDS, EXPERIMENT_FAULT_KINDS, describeExperimentPlan, planExperiment } from './plan.ts';
import { describeExperiment } from './spec.ts';

const plans = Array.from({ length: 500 }, (_, seed) => planExperiment(seed));

describe('chaos plans for experiments', () => {
  it('are the same for the same seed, and others for others', () => {
    assert.deepEqual(planExperiment(7), planExperiment(7));
    assert.ok(new Set(plans.map((plan) => describeExperimentPlan({ ...plan, seed: 0 }))).size > 450);
  });

  it('leave out no fault, deed or overlap, run by themselves in half, and always break something', () => {
    const struck = new Set(plans.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    assert.deepEqual([...struck].sort(), [...EXPERIMENT_FAULT_KINDS].sort());
    assert.deepEqual(new Set(plans.flatMap(({ deeds }) => deeds.map((deed) => deed.do))), new Set(DEEDS));
    assert.deepEqual(new Set(plans.map(({ overlap }) => overlap)), new Set(OVERLAPS));
    const scheduled = plans.filter(({ everyMs }) => everyMs !== undefined).length;
    assert.ok(scheduled > 200 && scheduled < 300, `${scheduled} of 500 have a schedule`);
    for (const { faults } of plans) assert.ok(faults.length > 0);
  });

  it('describe experiments that nobody refuses', () => {
    for (const plan of plans) {
      assert.deepEqual(findExperimentFaults(describeExperiment(plan), { longestTtlMs: 60_000 }), []);
    }
  });
});
