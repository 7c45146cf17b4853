import assert from 'node:assert/strict';
import { GATE_PHASES } from '../../../src/domain/gates/gate.ts';
import { planOf } from '../plan.ts';
import { APPROVAL_FATES, HOOK_STYLES, WEBHOOK_FATES } from './plan.ts';

const guarded = Array.from({ length: 600 }, (_, seed) => planOf(seed)).flatMap((plan) => plan.guarded ?? []);
const deployments = guarded.flatMap((run) => run.deployments);
const gates = deployments.flatMap(({ gate }) => gate ?? []);

describe('chaos plans with gates and hooks', () => {
  it('are about half of all, of which some have migrations and receivers that are down', () => {
    assert.ok(guarded.length > 200 && guarded.length < 400, `${guarded.length}`);
    for (const some of [guarded.filter((run) => run.migrations), guarded.filter((run) => run.outages.length > 0)]) {
      assert.ok(some.length > 50 && some.length < guarded.length);
    }
  });

  it('leave out no kind of gate, no fate, no place and no way to answer', () => {
    const fates = new Set(gates.map((gate) => (gate.kind === 'window' ? 'window' : `${gate.kind} ${gate.fate}`)));
    const all = [
      ...APPROVAL_FATES.map((fate) => `approval ${fate}`),
      ...WEBHOOK_FATES.map((fate) => `webhook ${fate}`),
    ];
    assert.deepEqual([...fates].sort(), [...all, 'window'].sort());
    assert.deepEqual([...new Set(gates.map(({ before }) => before))].sort(), [...GATE_PHASES].sort());
    assert.ok(gates.some(({ everyStep }) => everyStep));
    const hooks = deployments.flatMap((each) => each.hooks);
    assert.deepEqual([...new Set(hooks.map(({ style }) => style))].sort(), [...HOOK_STYLES].sort());
    assert.ok(!hooks.some(({ moment, phase }) => moment === 'before' && phase === 'plan'));
  });
});
