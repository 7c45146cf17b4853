import assert from 'node:assert/strict';
import type { PlanStep } from '../../src/stacks/driver.ts';
import { computePlanDigest, findPlanFaults, summarizePlan } from '../../src/stacks/plan.ts';

const BUCKET = 'aws:s3/bucket:Bucket';
const GROUP = 'aws:lb/targetGroup:TargetGroup';

function step(op: string, name: string, type = GROUP, isProtected = false): PlanStep {
  return { op, urn: `urn:pulumi:web-test-r1::test::${type}::${name}`, type, isProtected };
}

describe('a plan', () => {
  it('is refused where it loses what is protected or stateful, each resource by its name and once', () => {
    const steps = [
      step('create', 'new'),
      step('update', 'kept', BUCKET, true),
      step('delete', 'plain'),
      step('delete', 'listener', GROUP, true),
      step('discard', 'forgotten', GROUP, true),
      // What a replacement consists of.
      step('create-replacement', 'store', BUCKET),
      step('replace', 'store', BUCKET),
      step('delete-replaced', 'store', BUCKET),
    ];
    assert.deepEqual(findPlanFaults({ steps }, { stateful: [BUCKET] }), [
      `it would delete listener (${GROUP}), which is protected`,
      `it would discard forgotten (${GROUP}), which is protected`,
      `it would replace store (${BUCKET}), which is marked stateful`,
    ]);
  });

  it('is refused where the stack would have more resources than it may, whatever becomes of others', () => {
    const steps = [step('create', 'a'), step('same', 'b'), step('import', 'c'), step('delete', 'd')];
    assert.deepEqual(findPlanFaults({ steps }, { maxResources: 3 }), []);
    assert.deepEqual(findPlanFaults({ steps }, { maxResources: 2 }), [
      'the stack would have 3 resources, more than the 2 that the blueprint allows',
    ]);
    const replaced = [step('create-replacement', 'a'), step('replace', 'a'), step('delete-replaced', 'a')];
    assert.deepEqual(findPlanFaults({ steps: replaced }, { maxResources: 1 }), []);
  });

  it('is counted by type and operation, and may cost something', () => {
    const plan = {
      steps: [step('create', 'a'), step('create', 'b'), step('import', 'c'), step('delete', 'd', BUCKET)],
    };
    const cost = { perMonth: 3, currency: 'USD', pricesOf: '2026-11-01', assumes: 'nothing' };
    const summary = summarizePlan(plan, {
      estimateCost: ({ types }) => (types[GROUP]?.create === 2 ? cost : undefined),
    });
    assert.deepEqual(summary, {
      digest: computePlanDigest(plan),
      resources: 3,
      types: { [GROUP]: { create: 2, import: 1 }, [BUCKET]: { delete: 1 } },
      cost,
    });
    assert.equal('cost' in summarizePlan(plan, {}), false);
  });

  it('has the digest of what it does, in whatever order', () => {
    const [a, b] = [step('create', 'a'), step('create', 'b')];
    const digest = computePlanDigest({ steps: [a, b] });
    assert.match(digest, /^[0-9a-f]{64}$/);
    assert.equal(computePlanDigest({ steps: [b, a] }), digest);
    assert.notEqual(computePlanDigest({ steps: [a] }), digest);
    assert.notEqual(computePlanDigest({ steps: [a, { ...b, op: 'import' }] }), digest);
  });
});
