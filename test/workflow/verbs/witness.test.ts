import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import type { RolloutVerb } from '../../../src/domain/rollout/verbs.ts';
import { Automaton } from './automaton.ts';
import { listPlaces } from './places.ts';
import { type Exchange, Witness } from './witness.ts';

const STEPS = [
  { number: 1, of: 2, weight: 10, bakeMs: 5 },
  { number: 2, of: 2, weight: 100, bakeMs: 5 },
];
const PLACES = listPlaces({ kind: 'deploy', isWarm: false, plan: STEPS });
const BAKES = { first: 4, last: 6 };

/** One whose rollout is held in the bake of its first step. */
function baking(mayFail: (at: number) => boolean = () => false): Witness {
  const witness = new Witness(new Automaton(PLACES, mayFail));
  witness.arrived({ name: 'bake', task: {} }, BAKES.first);
  return witness;
}

function showing(more: Partial<RolloutStatus>): RolloutStatus {
  const steps = [{ number: 1, weight: 10, bakeMs: 5, state: 'running' }];
  return { phase: 'bake', paused: false, steps, ...more } as RolloutStatus;
}

const taken = (verb: RolloutVerb, full?: true): Exchange => ({
  asked: { verb, ...(full ? { full } : {}) },
  answer: { isTaken: true, text: 'it is' },
});
const refused = (verb: RolloutVerb, stage = 'bake'): Exchange => ({
  asked: { verb },
  answer: { isTaken: false, text: `cannot ${verb} in phase ${stage}: not now` },
});

describe('the witness of a rollout', () => {
  it('takes what the rollout may answer and show', () => {
    const witness = baking();
    assert.deepEqual(witness.heard([taken('pause')], true), ['bake of the first step × pause']);
    witness.saw(showing({ paused: true }));
    witness.heard([refused('pause'), taken('promote', true)], true);
    const steps = [{ number: 2, weight: 100, bakeMs: 5, state: 'running' as const }];
    witness.saw(showing({ steps }));
    assert.equal(witness.earliest, BAKES.last);
  });

  it('objects to an answer that no order of what was asked leads to', () => {
    for (const exchanges of [
      [taken('retry')],
      [refused('promote')],
      [taken('resume')],
      [taken('pause'), taken('pause')],
      [taken('abort'), taken('abort')],
      [refused('approve', 'settle')],
    ]) {
      assert.throws(() => baking().heard(exchanges, true), /which is none of/);
    }
  });

  it('objects to a status that does not follow from what was taken', () => {
    const paused = baking();
    paused.heard([taken('pause')], true);
    assert.throws(() => paused.saw(showing({ paused: false })), /which is none of/);
    const steps = [{ number: 2, weight: 100, bakeMs: 5, state: 'running' as const }];
    const held = baking();
    held.heard([taken('pause')], true);
    held.passed();
    assert.throws(() => held.saw(showing({ paused: true, steps })), /which is none of/);
    const aborted = baking();
    aborted.heard([taken('abort')], true);
    assert.throws(() => aborted.saw(showing({ outcome: 'succeeded' })), /which is none of/);
  });

  it('objects to a rollout that goes back although nothing has failed', () => {
    const healthy = baking();
    healthy.passed();
    assert.throws(() => healthy.saw(showing({ outcome: 'rolled-back' })), /which is none of/);
    const failing = baking((at) => at === BAKES.first);
    failing.passed();
    failing.saw(showing({ outcome: 'rolled-back' }));
  });

  it('objects to a step that is made where the rollout cannot be', () => {
    const held = baking();
    assert.throws(() => held.arrived({ name: 'provision', task: {} }, 1), /which is none of/);
  });
});
