import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { MOST_STEPS, type Step, fitPlan, findPlanFaults, planRollout } from '../../../src/domain/rollout/plan.ts';

const bakeMs = fc.nat({ max: 14 * 24 * 3_600_000 });

/** Weights that rise to 100. */
export const somePlan: fc.Arbitrary<Step[]> = fc
  .record({
    weights: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 20 }),
    bakes: fc.array(bakeMs, { minLength: 21, maxLength: 21 }),
  })
  .map(({ weights, bakes }) =>
    [...weights.sort((one, other) => one - other), 100].map((weight, index) => ({ weight, bakeMs: bakes[index] ?? 0 })),
  );

describe('the plan of a rollout', () => {
  it('of blue-green is one step, with all traffic and its bake', () =>
    fc.assert(
      fc.property(bakeMs, (bake) => {
        const plan = planRollout({ kind: 'blue-green', bakeMs: bake });
        assert.deepEqual(plan, [{ weight: 100, bakeMs: bake }]);
        assert.deepEqual(findPlanFaults(plan), []);
      }),
    ));

  it('of blue-green lets fail what its strategy does', () => {
    const failureLimit = { unansweredRequests: '0.1%' as const, restarts: 1 };
    const plan = planRollout({ kind: 'blue-green', bakeMs: 1, failureLimit });
    assert.deepEqual(fitPlan(plan, { isWarm: false, hasPrevious: false }), [
      { number: 1, of: 1, weight: 100, bakeMs: 1, failureLimit },
    ]);
  });

  it('that rises to all traffic has no faults, and is carried out step by step beside a revision that is live', () =>
    fc.assert(
      fc.property(somePlan, (plan) => {
        assert.deepEqual(findPlanFaults(plan), []);
        const steps = fitPlan(plan, { isWarm: false, hasPrevious: true });
        assert.deepEqual(
          steps,
          plan.map((step, index) => ({ ...step, number: index + 1, of: plan.length })),
        );
      }),
    ));

  it('gives all traffic at once where there is nobody to have the rest, and bakes as at the end', () =>
    fc.assert(
      fc.property(somePlan, (plan) => {
        const steps = fitPlan(plan, { isWarm: false, hasPrevious: false });
        assert.deepEqual(steps, [{ ...plan.at(-1), number: 1, of: 1 }]);
      }),
    ));

  it('gives all traffic at once, without a bake, to one that was live before', () =>
    fc.assert(
      fc.property(somePlan, fc.boolean(), (plan, hasPrevious) => {
        const steps = fitPlan(plan, { isWarm: true, hasPrevious });
        assert.deepEqual(steps, [{ number: 1, of: 1, weight: 100, bakeMs: 0 }]);
      }),
    ));

  it('always ends with all traffic on the new revision', () =>
    fc.assert(
      fc.property(somePlan, fc.boolean(), fc.boolean(), (plan, isWarm, hasPrevious) => {
        const steps = fitPlan(plan, { isWarm, hasPrevious });
        assert.deepEqual(findPlanFaults(steps), []);
        assert.equal(steps.at(-1)?.weight, 100);
      }),
    ));

  const step = (weight: number, bake = 0): Step => ({ weight, bakeMs: bake });
  for (const [what, plan, wanted] of [
    ['nothing', [], [/^it has 0 steps; use 1 to 100$/]],
    ['no end', [step(10)], [/^its last step has weight 10; use 100$/]],
    ['traffic that goes back', [step(50), step(10), step(100)], [/^step 2 takes traffic back: 10 after 50$/]],
    ['a part of a percent', [step(0.5), step(100)], [/^step 1 has weight 0.5; use a whole number from 1 to 100$/]],
    [
      'nothing, more than all, and a bake backwards',
      [step(0), step(101, -1), step(100)],
      [/^step 1/, /^step 2/, /^step 2 bakes -1 ms/, /^step 3/],
    ],
    ['too much', Array.from({ length: MOST_STEPS + 1 }, () => step(100)), [/^it has 101 steps/]],
  ] as [string, Step[], RegExp[]][]) {
    it(`is refused with ${what}`, () => {
      const faults = findPlanFaults(plan);
      assert.equal(faults.length, wanted.length, faults.join('; '));
      for (const [index, fault] of faults.entries()) assert.match(fault, wanted[index]!);
    });
  }
});
