import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  buildBaseline,
  computeBaselineShare,
  isCompared,
  needsBaseline,
} from '../../../src/domain/rollout/baseline.ts';
import { findContractWake } from '../../../src/domain/migrations/contract.ts';
import { describeOutline, outlinePlan } from '../../../src/domain/rollout/exposure.ts';
import { planRollout } from '../../../src/domain/rollout/plan.ts';
import { reserveNumbers } from '../../../src/domain/service/decisions/apply-decision.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import {
  type Entry,
  type ServiceState,
  applyDismissal,
  applyTeardownReport,
  createServiceState,
  withoutDeparting,
} from '../../../src/domain/service/state.ts';
import { DEFAULT_ROUTER } from '../../../src/domain/service/service.ts';
import type { StrategySpec } from '../../../src/domain/service/strategy.ts';
import { buildSplitRoute } from '../../../src/domain/traffic/build-route.ts';
import { findRouteFaults } from '../../../src/domain/traffic/route.ts';
import { spec, standing } from '../../workflow/samples.ts';
import { askedOf } from '../asked.ts';
import { ERRORS } from '../evidence/judge/samples.ts';

const KEY = { name: 'web', environment: 'production' };
const NOW = '2026-11-30T07:00:00.000Z';
const FRESH = { ...ERRORS, compare: { ...ERRORS.compare!, baseline: 'fresh' as const } };

const canary = (...weights: number[]): StrategySpec => ({
  kind: 'canary',
  steps: weights.map((weight) => ({ weight, bakeMs: 60_000 })),
  bakeMs: 60_000,
});

const fresh = (strategy: StrategySpec): StrategySpec => ({ ...strategy, analysis: FRESH });

/** r2 is live. */
function live(): ServiceState {
  const described = spec(KEY);
  return {
    ...createServiceState(KEY),
    revisionSet: { live: standing(described, 2), warm: [] },
    lastRevision: 2,
    lastRollout: 2,
  };
}

function deploy(state: ServiceState, strategy: StrategySpec, artifact = 'v3'): Entry {
  const asked = askedOf(state, { kind: 'apply', spec: spec(KEY, { artifact, strategy }) });
  const decision = decideRequest(state, asked, { actor: 'ada', requestId: 'one' }, { now: NOW });
  assert.ok(decision.kind === 'queued', JSON.stringify(decision));
  return decision.entry;
}

describe('the share of a baseline', () => {
  it('is that of the new revision up to 49 %, and leaves the live revision 1 % at least', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 98 }), (weight) => {
        const share = computeBaselineShare(weight);
        assert.ok(share >= 1 && share <= weight && weight + share <= 99, `${share} beside ${weight}`);
        if (weight <= 49) assert.equal(share, weight);
      }),
    ));

  it('is none where the new revision has no traffic, or leaves none', () => {
    for (const weight of [0, 99, 100]) {
      assert.equal(computeBaselineShare(weight), 0, `${weight}`);
      assert.ok(!isCompared({ weight }));
    }
  });

  it('comes off the live revision, in a route of three that may be written', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99 }), (weight) => {
        const [rest, target, revision, warm] = [2, 3, 4, 1].map((number) => standing(spec(KEY), number));
        assert.ok(rest && target && revision && warm);
        const baseline = { revision, weight: computeBaselineShare(weight) };
        const route = buildSplitRoute(KEY, 1, { target, weight, rest, baseline, idle: [warm] });
        assert.deepEqual(findRouteFaults(route), []);
        assert.deepEqual(
          route.targets.map((each) => [each.revision, each.weight]),
          [
            [3, weight],
            [4, baseline.weight],
            [2, 100 - weight - baseline.weight],
            [1, 0],
          ],
        );
      }),
    ));
});

describe('a strategy', () => {
  it('needs a baseline where it asks for a fresh one and has a step that leaves it a share', () => {
    const cases: [StrategySpec, boolean][] = [
      [fresh(canary(10, 50)), true],
      [fresh(canary(99)), false],
      [fresh({ kind: 'linear', step: 25, everyMs: 1_000, bakeMs: 0 }), true],
      [fresh({ kind: 'blue-green', bakeMs: 0 }), false],
      [{ ...canary(10), analysis: ERRORS }, false],
      [canary(10), false],
    ];
    for (const [strategy, needs] of cases) assert.equal(needsBaseline(strategy), needs, JSON.stringify(strategy));
  });

  it('says what the baseline costs: a stack for as long as it has traffic at most', () => {
    const strategy = fresh(canary(10, 50));
    const without = outlinePlan(planRollout(strategy), DEFAULT_ROUTER);
    const { baselineMs, ...same } = outlinePlan(planRollout(strategy), DEFAULT_ROUTER, { hasBaseline: true });
    assert.deepEqual(same, without);
    // Two bakes of a minute, each with what a step may take besides.
    assert.ok(baselineMs !== undefined && baselineMs > 120_000 && baselineMs < without.earliestMs + 60_000);
    assert.match(
      describeOutline({ ...same, baselineMs }).join('\n'),
      /one more stack, which has traffic for at most 2m\d+s/,
    );
    assert.equal(
      outlinePlan(planRollout(fresh(canary(99))), DEFAULT_ROUTER, { hasBaseline: true }).baselineMs,
      undefined,
    );
  });
});

describe('the number of a baseline', () => {
  it('follows that of the new revision, and is not given again', () => {
    const state = live();
    const entry = deploy(state, fresh(canary(10)));
    assert.deepEqual([entry.revision?.number, entry.baseline], [3, 4]);
    assert.equal(reserveNumbers(state, entry).lastRevision, 4);
  });

  it('is given wherever something may be live by then, and nowhere else', () => {
    const { revisionSet: _gone, ...bare } = live();
    const first = { ...bare, revisionSet: { warm: [] } };
    assert.equal(deploy(first, fresh(canary(10))).baseline, undefined);
    const ahead = deploy(first, fresh(canary(10)));
    const behind = { ...first, lastRevision: 3, lastRollout: 3, running: ahead };
    assert.equal(deploy(behind, fresh(canary(10)), 'v4').baseline, 5);
    assert.equal(deploy(live(), canary(10)).baseline, undefined);
  });

  it('stands for the release that is live', () => {
    const { revision } = standing(spec(KEY), 2);
    assert.deepEqual(buildBaseline(revision, 4), { ...revision, number: 4 });
  });

  it('is none that anybody goes back to', () => {
    const state = { ...live(), spec: deployed() };
    const facts = { now: NOW, revision: { number: 4, state: 'retired', copyOf: 2 } };
    const decision = decideRequest(state, { kind: 'rollback', to: 4 }, { actor: 'ada', requestId: 'two' }, facts);
    assert.ok(decision.kind === 'refused');
    assert.equal(decision.refusal.message, 'r4 was a baseline, a copy of r2 that a release was compared with');
    assert.equal(decision.refusal.suggestion, 'go back to r2');
  });
});

describe('a baseline on its way out', () => {
  const dismissed = { revision: 4, copyOf: 2 };

  it('holds back the contract of the revision that was compared with it, since it runs the release before', () => {
    const contract = {
      revision: 3,
      rollout: 3,
      state: 'waiting' as const,
      since: NOW,
      liveSince: NOW,
      afterMs: 1_000,
      calls: 0,
    };
    const facts = { ...live(), contracts: [{ ...contract, timeoutMs: 1_000 }] };
    const draining = applyDismissal(facts, dismissed, NOW);
    assert.equal(findContractWake(draining), undefined);
    assert.equal(findContractWake(withoutDeparting(draining, 4)), '2026-11-30T07:00:01.000Z');
  });

  it('is known by what it is a copy of, whatever is heard of its teardown before and after', () => {
    const report = { revision: 4, stack: 'web-production-r4', gone: false, since: NOW, attempts: 3, lastError: 'busy' };
    const before = applyDismissal(applyTeardownReport(live(), report), dismissed, NOW);
    assert.deepEqual(before.departing, [{ ...report, copyOf: 2 }]);
    const after = applyTeardownReport(applyDismissal(live(), dismissed, NOW), report);
    assert.deepEqual(after.departing, [{ ...report, copyOf: 2 }]);
    assert.deepEqual(applyTeardownReport(after, { ...report, gone: true }).departing, []);
  });
});

/** A description that the service has. */
function deployed(): NonNullable<ServiceState['spec']> {
  const asked = askedOf(createServiceState(KEY), { kind: 'apply', spec: spec(KEY) });
  assert.ok(asked.kind === 'apply');
  return asked.spec;
}
