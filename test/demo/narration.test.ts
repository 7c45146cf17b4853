import assert from 'node:assert/strict';
import { narrate } from '../../demo/narration.ts';
import { PHASES, type Phase } from '../../src/domain/rollout/rollout.ts';
import type { PhaseStatus } from '../../src/domain/rollout/status.ts';

const AT = { startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:01.500Z' };

function rollout(states: Partial<Record<Phase, Omit<PhaseStatus, 'phase'>>>): PhaseStatus[] {
  return PHASES.map((phase) => ({ phase, ...(states[phase] ?? { state: 'pending' }) }));
}

const cases: [what: string, before: PhaseStatus[], after: PhaseStatus[], wanted: string[]][] = [
  ['nothing of what is to come', [], rollout({}), []],
  ['nothing of a plan', [], rollout({ plan: { state: 'done', ...AT } }), []],
  ['what begins', [], rollout({ provision: { state: 'running' } }), ['provision: a stack of its own is created']],
  [
    'what it took, and what came of it',
    rollout({ validate: { state: 'running' } }),
    rollout({ validate: { state: 'done', note: '1 check passed', ...AT } }),
    ['validate done (1.5s): 1 check passed'],
  ],
  ['nothing twice', rollout({ shift: { state: 'done' } }), rollout({ shift: { state: 'done' } }), []],
  [
    'why a rollback needs no new stack',
    [],
    rollout({ provision: { state: 'skipped', note: 'r1 is warm' } }),
    ['provision skipped: r1 is warm'],
  ],
  [
    'a failure, and not what is skipped for it',
    rollout({ validate: { state: 'running' } }),
    rollout({ validate: { state: 'failed', note: 'answered 404' }, shift: { state: 'skipped', note: 'not reached' } }),
    ['validate failed: answered 404'],
  ],
];

describe("the demo's narration", () => {
  for (const [what, before, after, wanted] of cases) {
    it(`tells ${what}`, () => assert.deepEqual(narrate('rollout', before, after), wanted));
  }
});
