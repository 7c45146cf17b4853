import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { outlinePlan } from '../../../src/domain/rollout/exposure.ts';
import { fitPlan, planRollout } from '../../../src/domain/rollout/plan.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import type { Asked, Receipt } from '../../../src/domain/service/requests.ts';
import { pickSettings } from '../../../src/domain/service/service.ts';
import { resolvePreset } from '../../../src/domain/service/strategy-presets.ts';
import { type ServiceState, createServiceState } from '../../../src/domain/service/state.ts';
import { spec, standing } from '../../workflow/samples.ts';

const KEY = { name: 'web', environment: 'production' };
const NOW = '2026-01-01T00:00:00.000Z';
const STRATEGY = resolvePreset('linear10-1m');
const DESCRIBED = { ...spec(KEY), strategy: STRATEGY };
const SETTINGS = pickSettings(DESCRIBED);

const APPLY: Asked = { kind: 'apply', release: 'new', label: 'new', spec: { digest: 'new', settings: SETTINGS } };

/** r3 is live, r2 is warm, r1 is retired. */
const SERVING: ServiceState = {
  ...createServiceState(KEY),
  spec: { digest: 'old', settings: SETTINGS },
  lastRevision: 3,
  lastRollout: 3,
  revisionSet: { live: standing(DESCRIBED, 3), warm: [standing(DESCRIBED, 2)] },
};

function told(state: ServiceState, request: Asked): Receipt['plan'] {
  const facts = { now: NOW, revision: { number: 1, state: 'retired' } };
  const decision = decideRequest(state, request, { actor: 'ada', requestId: 'id' }, facts);
  assert.ok(decision.kind === 'queued');
  return decision.receipt.plan;
}

describe('what a request is told of how its traffic will move', () => {
  const whole = outlinePlan(planRollout(STRATEGY), SETTINGS.router);

  it('is the plan of the strategy that it brings', () => assert.deepEqual(told(SERVING, APPLY), whole));

  it('is one step for a first deployment, which nobody can share the traffic with', () => {
    const [last] = planRollout(STRATEGY).slice(-1);
    assert.ok(last);
    assert.deepEqual(told(createServiceState(KEY), APPLY), outlinePlan([last], SETTINGS.router));
  });

  it('is the same for a rollback to what has to be made again', () =>
    assert.deepEqual(told(SERVING, { kind: 'rollback', to: 1 }), whole));

  it('has a preview address where the strategy has one, and none on the way back', () => {
    const strategy = { kind: 'blue-green', bakeMs: 1, preview: { port: 8081 } } as const;
    const settings = { ...SETTINGS, strategy };
    assert.equal(told(SERVING, { ...APPLY, spec: { digest: 'new', settings } })?.hasPreview, true);
    const serving = { ...SERVING, spec: { ...SERVING.spec!, settings } };
    assert.equal(told(serving, { kind: 'rollback', to: 1 })?.hasPreview, undefined);
  });

  it('is nothing for a rollback to what is warm, which takes no time, nor for a removal', () => {
    assert.equal(told(SERVING, { kind: 'rollback', to: 2 }), undefined);
    assert.equal(told(SERVING, { kind: 'remove' }), undefined);
    const [step] = fitPlan(planRollout(STRATEGY), { isAtOnce: true, hasPrevious: true });
    assert.deepEqual([step?.weight, step?.bakeMs], [100, 0]);
  });
});
