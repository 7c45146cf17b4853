import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  ExposureMeter,
  computeAllowanceMs,
  describeExposure,
  describeOutline,
  outlinePlan,
} from '../../../src/domain/rollout/exposure.ts';
import { type Step, computeLongestBakeMs, fitPlan, planRollout } from '../../../src/domain/rollout/plan.ts';
import { readSettleMs } from '../../../src/domain/service/router.ts';
import { DEFAULT_ROUTER, type RouterSpec } from '../../../src/domain/service/service.ts';
import { resolvePreset } from '../../../src/domain/service/strategy-presets.ts';
import { someStrategy } from '../../config/manifest/arbitrary.ts';

const MINUTE = 60_000;

const ALB: RouterSpec = { kind: 'aws-alb', rule: 'arn', settleMs: 10_000, lastSettleMs: 120_000 };

/** What happens in a step, as shares of the most that it may be; and where the rollout ends. */
interface Course {
  moved: number;
  baked: number;
  pausedMs: number;
  end: 'passes' | 'is bad' | 'is aborted while paused';
}

const part = fc.double({ min: 0, max: 1, noNaN: true });
const someCourse: fc.Arbitrary<Course[]> = fc.array(
  fc.record({
    moved: part,
    baked: part,
    pausedMs: fc.oneof(fc.constant(0), fc.nat(24 * 60 * MINUTE)),
    end: fc.oneof(
      { weight: 6, arbitrary: fc.constant('passes' as const) },
      fc.constantFrom<Course['end']>('is bad', 'is aborted while paused'),
    ),
  }),
  { minLength: 1, maxLength: 100 },
);

/** A rollout by a clock of its own; returns the exposure of each moment, one by one. */
function carryOut(steps: readonly Step[], router: RouterSpec, courses: readonly Course[]) {
  const meter = new ExposureMeter();
  let now = 1_700_000_000_000;
  let weight = 0;
  const integral = { totalMs: 0, pausedMs: 0 };
  const pass = (ms: number, isPaused = false): void => {
    now += ms;
    integral.totalMs += (weight * ms) / 100;
    if (isPaused) integral.pausedMs += (weight * ms) / 100;
  };
  for (const [index, step] of steps.entries()) {
    const { moved, baked, pausedMs, end } = courses[index % courses.length]!;
    weight = step.weight;
    meter.move(weight, now);
    pass(Math.floor(computeAllowanceMs(step) * moved) + readSettleMs(router, { isLast: weight === 100 }));
    // Promoted, found bad or aborted anywhere in the bake, or baked to the end of the wait for requests.
    pass(Math.floor(computeLongestBakeMs(step) * baked));
    if (end === 'is bad') break;
    if (pausedMs > 0) {
      meter.pause(true, now);
      pass(pausedMs, true);
      meter.pause(false, now);
      if (end === 'is aborted while paused') break;
    }
  }
  // Until everything follows the write that gives it back. One that was settled on has it no longer than one that was not.
  pass(readSettleMs(router, { isLast: true }));
  weight = 0;
  meter.move(weight, now);
  pass(MINUTE);
  return { measured: meter.exposure, integral };
}

describe('the exposure of a rollout', () => {
  it('is never more than its plan has as the most, but for pauses', () =>
    fc.assert(
      fc.property(
        someStrategy,
        someCourse,
        fc.constantFrom(DEFAULT_ROUTER, ALB),
        fc.boolean(),
        (strategy, courses, router, hasPrevious) => {
          const steps = fitPlan(planRollout(strategy), { isAtOnce: false, hasPrevious });
          const { measured } = carryOut(steps, router, courses);
          const { worstExposureMs } = outlinePlan(steps, router);
          // Both are rounded to milliseconds.
          assert.ok(measured.totalMs - measured.pausedMs <= worstExposureMs + 1, JSON.stringify(measured));
        },
      ),
    ));

  it('is as much as that where each step takes as long as it may, so the bound is no larger than it has to be', () =>
    fc.assert(
      fc.property(someStrategy, fc.constantFrom(DEFAULT_ROUTER, ALB), (strategy, router) => {
        const steps = planRollout(strategy);
        const { measured } = carryOut(steps, router, [{ moved: 1, baked: 1, pausedMs: 0, end: 'passes' }]);
        assert.ok(Math.abs(measured.totalMs - outlinePlan(steps, router).worstExposureMs) <= 1);
      }),
    ));

  it('is the share of the traffic at each moment, added up, what was paused apart', () =>
    fc.assert(
      fc.property(someStrategy, someCourse, (strategy, courses) => {
        const { measured, integral } = carryOut(planRollout(strategy), DEFAULT_ROUTER, courses);
        assert.ok(Math.abs(measured.totalMs - integral.totalMs) <= 1);
        assert.ok(Math.abs(measured.pausedMs - integral.pausedMs) <= 1);
      }),
    ));
});

describe('a plan in numbers', () => {
  it('has the earliest end, the latest way back and the worst exposure', () => {
    const plan = planRollout(resolvePreset('linear10-1m'));
    const outline = outlinePlan(plan, DEFAULT_ROUTER);
    assert.deepEqual(outline, {
      weights: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
      earliestMs: 9 * MINUTE + 10_000,
      longestDetectMs: 74_000,
      // 4.5 × (1 min + 14 s), and 23.5 s with all traffic.
      worstExposureMs: 356_500,
    });
    assert.deepEqual(describeOutline(outline), [
      'Plan: 10 %, 20 %, 30 %, 40 %, …, 100 % of the traffic; settled after 9m10s at the earliest',
      'If it proves bad, traffic is back at most 1m14s after a step began, and it has had at most 5m57s of full traffic (pauses and lost workers come on top)',
    ]);
  });

  it('counts what a router takes until everything follows it', () => {
    const plan = planRollout({ kind: 'canary', steps: [{ weight: 10, bakeMs: MINUTE }], bakeMs: MINUTE });
    assert.deepEqual(outlinePlan(plan, ALB), {
      weights: [10, 100],
      earliestMs: 10_000 + MINUTE + 120_000 + MINUTE,
      longestDetectMs: 120_000 + MINUTE + 14_000 + 120_000,
      worstExposureMs: 8_400 + 194_000 + 120_000,
    });
  });

  it('counts the wait for requests as what may be, not as what has to be', () => {
    const strategy = { kind: 'blue-green', bakeMs: MINUTE, leastRequests: 5, waitForRequestsMs: MINUTE } as const;
    const { earliestMs, longestDetectMs, worstExposureMs } = outlinePlan(planRollout(strategy), DEFAULT_ROUTER);
    assert.deepEqual([earliestMs, longestDetectMs, worstExposureMs], [MINUTE, 138_000, 138_000]);
  });

  it('says what a rollout cost, and what it could have', () => {
    const outline = outlinePlan(planRollout(resolvePreset('canary10-5m')), DEFAULT_ROUTER);
    assert.equal(
      describeExposure({ totalMs: 61_500, pausedMs: 60_000 }, outline),
      '1m2s of full traffic, 1m of it while paused (at most 57s by its plan)',
    );
    assert.equal(describeExposure({ totalMs: 120, pausedMs: 0 }), '120ms of full traffic');
  });

  it('says how a revision that is inspected is asked for', () => {
    const strategy = { kind: 'blue-green', bakeMs: MINUTE, inspection: { holdMs: MINUTE, then: 'abort' } } as const;
    const [plan, first, cost] = describeOutline(outlinePlan(planRollout(strategy), DEFAULT_ROUTER));
    assert.equal(plan, 'Plan: inspection, 100 % of the traffic; settled after 2m at the earliest');
    assert.match(
      first ?? '',
      /^First it answers only requests with the header or cookie supplant-revision and its number/,
    );
    assert.match(cost ?? '', /at most 1m14s of full traffic \(pauses and lost workers come on top\)$/);
  });

  it('says that there is a preview address, which costs no exposure', () => {
    const steps = planRollout({ kind: 'blue-green', bakeMs: MINUTE, preview: {} });
    const { hasPreview, ...same } = outlinePlan(steps, DEFAULT_ROUTER, { hasPreview: true });
    assert.equal(hasPreview, true);
    assert.deepEqual(same, outlinePlan(steps, DEFAULT_ROUTER));
    const [plan, first] = describeOutline({ ...same, hasPreview });
    assert.equal(plan, 'Plan: all traffic at once; settled after 1m at the earliest');
    assert.match(first ?? '', /^Before that the new revision answers at the service's preview address/);
  });

  it('tells a cohort by its name: nobody knows what part of the traffic it is', () => {
    const cohort = { header: { name: 'x-beta', value: 'yes' }, bakeMs: 5 * MINUTE };
    const outline = outlinePlan(planRollout({ ...resolvePreset('canary10-5m'), cohort }), DEFAULT_ROUTER);
    assert.deepEqual([outline.audience, outline.weights], ['cohort', [0, 10, 100]]);
    assert.deepEqual(describeOutline(outline), [
      'Plan: cohort, 10 %, 100 % of the traffic; settled after 10m10s at the earliest',
      "If it proves bad, traffic is back at most 5m30s after a step began, and it has had at most 57s of full traffic (the cohort's requests, pauses and lost workers come on top)",
    ]);
    const meter = new ExposureMeter();
    meter.move(0, 0, true);
    meter.move(10, 60_000, true);
    meter.move(100, 120_000);
    meter.move(0, 121_000);
    assert.deepEqual(meter.exposure, { totalMs: 7_000, pausedMs: 0, cohortMs: 120_000 });
    assert.equal(
      describeExposure(meter.exposure, outline),
      "7s of full traffic (at most 57s by its plan), and the cohort's requests for 2m",
    );
  });

  it('goes back as fast whatever the ramp was: one step, with nothing waited for', () => {
    for (const preset of ['all-at-once', 'linear10-10m'] as const) {
      const back = fitPlan(planRollout(resolvePreset(preset)), { isAtOnce: true, hasPrevious: true });
      assert.equal(outlinePlan(back, DEFAULT_ROUTER).earliestMs, 0);
    }
  });
});
