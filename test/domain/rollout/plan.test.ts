import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { DEFAULT_WAIT_FOR_REQUESTS_MS, type StrategySpec } from '../../../src/domain/service/strategy.ts';
import { STRATEGY_PRESETS, resolvePreset } from '../../../src/domain/service/strategy-presets.ts';
import { someStrategy } from '../../config/manifest/arbitrary.ts';
import {
  MOST_STEPS,
  type Step,
  describePlanPosition,
  fitPlan,
  findPlanFaults,
  planRollout,
} from '../../../src/domain/rollout/plan.ts';

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

  it('has its steps judged by what its strategy names', () => {
    const judges = { failureLimit: { unansweredRequests: '0.1%' as const, restarts: 1 }, alarms: ['slow'] };
    const plan = planRollout({ kind: 'canary', steps: [{ weight: 5, bakeMs: 2 }], bakeMs: 1, ...judges });
    assert.deepEqual(fitPlan(plan, { isWarm: false, hasPrevious: true, judges }), [
      { number: 1, of: 2, weight: 5, bakeMs: 2, ...judges },
      { number: 2, of: 2, weight: 100, bakeMs: 1, ...judges },
    ]);
  });

  const weightsOf = (strategy: StrategySpec): number[] => planRollout(strategy).map(({ weight }) => weight);
  const rests = { everyMs: 60_000, bakeMs: 1_000 };

  it('of a ramp is equal shares, or doubled ones, up to all traffic', () => {
    assert.deepEqual(weightsOf({ kind: 'linear', step: 25, ...rests }), [25, 50, 75, 100]);
    assert.deepEqual(weightsOf({ kind: 'linear', step: 30, ...rests }), [30, 60, 90, 100]);
    assert.deepEqual(weightsOf({ kind: 'linear', step: 99, ...rests }), [99, 100]);
    // AWS AppConfig: a growth factor of 2 gives 2, 4, 8 and so on.
    assert.deepEqual(weightsOf({ kind: 'exponential', growth: 2, ...rests }), [2, 4, 8, 16, 32, 64, 100]);
    assert.deepEqual(weightsOf({ kind: 'exponential', growth: 50, ...rests }), [50, 100]);
  });

  it('of a ramp that never rises is refused, and has an end', () => {
    for (const step of [0, -1, 0.001]) {
      assert.notDeepEqual(findPlanFaults(planRollout({ kind: 'linear', step, ...rests })), []);
    }
  });

  it('of a preset is what CodeDeploy and AppConfig do under that name', () => {
    const told = STRATEGY_PRESETS.map((preset) => {
      const moves = planRollout(resolvePreset(preset)).slice(0, -1);
      const minutes = moves.reduce((sum, { bakeMs: each }) => sum + each, 0) / 60_000;
      return `${preset}: ${moves.map(({ weight }) => weight).join(' ')} in ${minutes} min`;
    });
    const tenths = '10 20 30 40 50 60 70 80 90';
    assert.deepEqual(told, [
      'all-at-once:  in 0 min',
      'canary10-5m: 10 in 5 min',
      'canary10-10m: 10 in 10 min',
      'canary10-15m: 10 in 15 min',
      'canary10-30m: 10 in 30 min',
      `linear10-1m: ${tenths} in 9 min`,
      `linear10-2m: ${tenths} in 18 min`,
      `linear10-3m: ${tenths} in 27 min`,
      `linear10-10m: ${tenths} in 90 min`,
      'exponential10-5m: 10 20 40 80 in 20 min',
    ]);
  });

  it('demands in each step the requests that it or its strategy names', () => {
    const steps = [
      { weight: 5, bakeMs: 1, leastRequests: 7 },
      { weight: 50, bakeMs: 1 },
    ];
    const plan = planRollout({ kind: 'canary', steps, bakeMs: 1, leastRequests: 100, waitForRequestsMs: 9 });
    const demands = (of: Step[]) => of.map(({ requests }) => requests && [requests.least, requests.waitMs]);
    assert.deepEqual(demands(plan), [
      [7, 9],
      [100, 9],
      [100, 9],
    ]);
    // A service that nothing is live of may have no users yet; where nothing is waited for, nothing can come.
    assert.deepEqual(demands(fitPlan(plan, { isWarm: false, hasPrevious: false })), [undefined]);
    assert.deepEqual(demands(planRollout({ kind: 'blue-green', bakeMs: 0, leastRequests: 1 })), [undefined]);
    assert.deepEqual(demands(planRollout({ kind: 'blue-green', bakeMs: 1, leastRequests: 1 })), [
      [1, DEFAULT_WAIT_FOR_REQUESTS_MS],
    ]);
  });

  const COHORT = { header: { name: 'x-beta', value: 'yes' } };

  it('begins with the cohort of its strategy, which has its own bake and number of requests', () => {
    const terms = { ...rests, leastRequests: 100, waitForRequestsMs: 9 };
    const plan = planRollout({ kind: 'linear', step: 50, ...terms, cohort: { ...COHORT, bakeMs: 7 } });
    assert.deepEqual(plan[0], { weight: 0, bakeMs: 7, audience: 'cohort' });
    assert.deepEqual(weightsOf({ kind: 'linear', step: 50, ...terms, cohort: { ...COHORT, bakeMs: 7 } }), [0, 50, 100]);
    const asking = planRollout({ kind: 'blue-green', bakeMs: 1, cohort: { ...COHORT, bakeMs: 7, leastRequests: 3 } });
    assert.deepEqual(asking[0]?.requests, { least: 3, waitMs: DEFAULT_WAIT_FOR_REQUESTS_MS });
  });

  it('begins with the inspection of blue-green, which no figure judges and which may need a person', () => {
    const strategy: StrategySpec = { kind: 'blue-green', bakeMs: 1, inspection: { holdMs: 7, then: 'abort' } };
    const plan = planRollout(strategy);
    assert.deepEqual(plan[0], { weight: 0, bakeMs: 7, audience: 'inspection', needsPromotion: true });
    const budgets = { bad: 0, unmeasured: 0, undecided: 0 };
    const judges = { alarms: ['slow'], analysis: { errorsAtMost: 0, leastRequests: 1, budgets } };
    const [inspected, all] = fitPlan(plan, { isWarm: false, hasPrevious: true, judges });
    assert.deepEqual([inspected?.alarms, inspected?.analysis], [['slow'], undefined]);
    assert.deepEqual([all?.alarms, all?.analysis], [['slow'], judges.analysis]);
  });

  it('waits for no audience on the way back to a revision whose stack has gone', () => {
    const cohort = { ...COHORT, bakeMs: 7 };
    const plan = planRollout({ kind: 'linear', step: 50, ...rests, cohort });
    const back = fitPlan(plan, { isWarm: false, hasPrevious: true, isBack: true });
    assert.deepEqual(
      back.map(({ number, of, weight }) => [number, of, weight]),
      [
        [1, 2, 50],
        [2, 2, 100],
      ],
    );
  });

  it('leaves an audience out where going back must not take long, and where nothing is live', () => {
    const plan = planRollout({ kind: 'blue-green', bakeMs: 1, inspection: { holdMs: 7, then: 'abort' } });
    for (const facts of [
      { isWarm: true, hasPrevious: true },
      { isWarm: false, hasPrevious: false },
    ]) {
      assert.deepEqual(
        fitPlan(plan, facts).map(({ weight, audience }) => [weight, audience]),
        [[100, undefined]],
      );
    }
  });

  it('says where it is, by shares or by who has the new revision', () => {
    const place = (audience?: 'cohort' | 'inspection') =>
      describePlanPosition([
        { number: 1, weight: 0, state: 'running', ...(audience ? { audience } : {}) },
        { number: 2, weight: 100, state: 'pending' },
      ]);
    assert.equal(place('cohort'), 'step 1 of 2, for the cohort alone');
    assert.equal(place('inspection'), 'step 1 of 2, for the inspection alone');
    assert.equal(place(), 'step 1 of 2, with 0 % of the traffic');
  });

  it('of every strategy rises to all traffic, and has no faults', () =>
    fc.assert(
      fc.property(someStrategy, (strategy) => {
        const plan = planRollout(strategy);
        assert.deepEqual(findPlanFaults(plan), []);
        assert.ok(plan.length <= MOST_STEPS);
        assert.equal(new Set(plan.map(({ weight }) => weight)).size, plan.length);
        assert.equal(plan.at(-1)?.bakeMs, strategy.bakeMs);
      }),
    ));

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
    ['nothing', [], [/^it has 0 steps; use 1 to 101$/]],
    ['no end', [step(10)], [/^its last step has weight 10; use 100$/]],
    ['traffic that goes back', [step(50), step(10), step(100)], [/^step 2 takes traffic back: 10 after 50$/]],
    [
      'an audience that is unknown, late and has a share',
      [step(10), { ...step(20), audience: 'friends' as never }, step(100)],
      [
        /^step 2 is for friends; use cohort or inspection$/,
        /^step 2 .*only the first step can be$/,
        /^step 2 .*has weight 20; use 0$/,
      ],
    ],
    ['a part of a percent', [step(0.5), step(100)], [/^step 1 has weight 0.5; use a whole number from 1 to 100$/]],
    [
      'nothing, more than all, and a bake backwards',
      [step(0), step(101, -1), step(100)],
      [/^step 1/, /^step 2/, /^step 2 bakes -1 ms/, /^step 3/],
    ],
    [
      'requests that nobody could send',
      [{ ...step(100, 1), requests: { least: 0, waitMs: -1 } }],
      [/^step 1 waits -1 ms for 0 requests; use 1 or more, and 0 ms or more$/],
    ],
    ['too much', Array.from({ length: MOST_STEPS + 1 }, () => step(100)), [/^it has 102 steps/]],
  ] as [string, Step[], RegExp[]][]) {
    it(`is refused with ${what}`, () => {
      const faults = findPlanFaults(plan);
      assert.equal(faults.length, wanted.length, faults.join('; '));
      for (const [index, fault] of faults.entries()) assert.match(fault, wanted[index]!);
    });
  }
});
