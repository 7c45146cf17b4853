import assert from 'node:assert/strict';
import { narrate } from '../../demo/narration.ts';
import { PHASES, type Phase } from '../../src/domain/rollout/rollout.ts';
import type { PhaseScene } from '../../demo/scene.ts';
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
  [
    'what a teardown did',
    rollout({ teardown: { state: 'running' } }),
    rollout({ teardown: { state: 'done', note: 'r3 is destroyed', ...AT } }),
    ['teardown done (1.5s): r3 is destroyed'],
  ],
];

describe("the demo's narration", () => {
  it("tells a run's phases in the run's words", () => {
    const before: PhaseScene[] = [
      { phase: 'lease', state: 'running' },
      { phase: 'probe', state: 'running' },
    ];
    const after: PhaseScene[] = [
      { phase: 'lease', state: 'done', ...AT },
      { phase: 'probe', state: 'done', note: '2 loads', ...AT },
      { phase: 'hold', state: 'skipped', note: 'its stacks are not to stay' },
      { phase: 'destroy', state: 'running' },
    ];
    assert.deepEqual(narrate('experiment', before, after), [
      'probe done (1.5s): 2 loads',
      'destroy: both stacks are destroyed',
    ]);
  });

  for (const [what, before, after, wanted] of cases) {
    it(`tells ${what}`, () => assert.deepEqual(narrate('rollout', before, after), wanted));
  }
});
