import assert from 'node:assert/strict';
import { AWS_SERVICES } from '../../e2e/aws-installation.ts';
import { AWS_FAULT_KINDS, describeAwsPlan, planAwsRun } from './plan.ts';

const plans = Array.from({ length: 300 }, (_, seed) => planAwsRun(seed));

describe('chaos plans for AWS', () => {
  it('are the same for the same seed, and others for others', () => {
    assert.deepEqual(planAwsRun(7), planAwsRun(7));
    assert.ok(new Set(plans.map((plan) => describeAwsPlan({ ...plan, seed: 0 }))).size > 270);
  });

  it('leave out no blueprint, wish or fault, and always break something', () => {
    assert.deepEqual(new Set(plans.map(({ service }) => service)), new Set(Object.keys(AWS_SERVICES)));
    assert.deepEqual([...new Set(plans.map(({ wish }) => wish))].sort(), ['deploy broken', 'deploy good', 'rollback']);
    const struck = new Set(plans.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    assert.deepEqual([...struck].sort(), [...AWS_FAULT_KINDS].sort());
    for (const { faults } of plans) assert.ok(faults.length > 0);
  });
});
