import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import type { RolloutVerb } from '../../../src/domain/rollout/verbs.ts';
import type { Wait } from '../../../src/domain/rollout/rollout.ts';
import { Automaton } from './automaton.ts';
import type { DrawnGate, Person } from './gate-rules.ts';
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

/** One whose rollout waits at the gates of its second step. */
function waiting(gate: Partial<DrawnGate> = {}): Witness {
  const gates: DrawnGate[] = [{ before: 'shift', step: 2, opens: { least: 2, withRequester: false }, ...gate }];
  const witness = new Witness(
    new Automaton(listPlaces({ kind: 'deploy', isWarm: false, plan: STEPS, gates }), () => false),
  );
  witness.passed();
  witness.saw(showing({ steps: [], wait: { on: 'gate approval g1 before step 2: 2 approvals' } as Wait }));
  return witness;
}

const approved = (by: Person): Exchange => ({ asked: { verb: 'approve', by }, answer: { isTaken: true, text: 'yes' } });
const glass = (isTaken: boolean): Exchange => ({
  asked: { verb: 'promote', breakGlass: true },
  answer: { isTaken, text: 'cannot promote in phase bake: not now' },
});
const SECOND = showing({ phase: 'shift', steps: [{ number: 2, weight: 100, bakeMs: 5, state: 'running' }] });

describe('the witness of a rollout', () => {
  it('knows that a worker that ends lets go of what was held up', () => {
    const held = baking();
    assert.throws(() => held.saw(SECOND), /which is none of/);
    const released = baking();
    released.released();
    released.saw(SECOND);
  });

  it('takes what the rollout may answer and show', () => {
    const witness = baking();
    assert.deepEqual(witness.heard([taken('pause')], true), ['bake of the first step × pause']);
    witness.saw(showing({ paused: true }));
    witness.heard([refused('pause'), taken('promote', true)], true);
    const steps = [{ number: 2, weight: 100, bakeMs: 5, state: 'running' as const }];
    witness.saw(showing({ steps }));
    assert.equal(witness.earliest, BAKES.last);
  });

  it('knows who decides of one that does not go back, and what follows', () => {
    const places = listPlaces({ kind: 'deploy', isWarm: false, plan: STEPS });
    const witness = new Witness(new Automaton(places, (at) => at === BAKES.first, true));
    witness.arrived({ name: 'bake', task: {} }, BAKES.first);
    witness.passed();
    const frozen = { because: 'answered 500', since: '' };
    witness.saw(showing({ steps: [], frozen }));
    assert.throws(() => witness.saw(showing({ undoing: 'bake' })), /which is none of/);
    assert.deepEqual(witness.heard([refused('pause', 'frozen')], true), ['bake of the first step, frozen × pause']);
    assert.throws(() => witness.heard([refused('retry', 'frozen')], true), /which is none of/);
    assert.deepEqual(witness.heard([taken('promote')], true), ['bake of the first step, frozen × promote']);
    // Its traffic is written again, and its bake left out.
    witness.arrived({ name: 'shift', task: {} }, undefined);
    assert.throws(() => witness.arrived({ name: 'bake', task: {} }, BAKES.first), /which is none of/);
    assert.equal(witness.earliest, BAKES.first - 1);
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

describe('the witness of a rollout at a gate', () => {
  it('takes approvals of those who count, and what follows', () => {
    const witness = waiting();
    assert.deepEqual(witness.heard([approved('bob')], false), ['gate before the last step × approve']);
    witness.heard([{ ...refused('approve'), asked: { verb: 'approve', by: 'bob' } }, approved('cy')], false);
    witness.saw(SECOND);
  });

  it('knows the requester, where he counts, by what the gate says', () => {
    assert.throws(() => waiting().heard([approved('ada')], false), /which is none of/);
    waiting({ opens: { least: 1, withRequester: true } }).heard([approved('ada')], false);
  });

  it('objects to who does not count, to who counts twice, and to who is not heard', () => {
    for (const exchanges of [
      [approved('eve')],
      [approved('bob'), approved('bob')],
      [{ ...refused('approve'), asked: { verb: 'approve' as const, by: 'cy' as const } }],
      [taken('promote')],
      [glass(false)],
      [refused('reject')],
    ]) {
      assert.throws(() => waiting().heard(exchanges, false), /which is none of/);
    }
  });

  it('objects to a rollout that goes on before enough have approved', () => {
    const witness = waiting();
    witness.heard([approved('bob')], false);
    assert.throws(() => witness.saw(SECOND), /which is none of/);
  });

  it('takes it that break-glass passes, and that nothing else is promoted there', () => {
    const witness = waiting();
    witness.heard([refused('promote'), glass(true)], false);
    witness.saw(SECOND);
  });

  it('knows what follows where nobody has come in time, and that nothing does while it is paused', () => {
    const expiring = waiting({ expires: 'rollback' });
    expiring.saw(showing({ outcome: 'rolled-back' }));
    const paused = waiting({ expires: 'rollback' });
    paused.heard([taken('pause')], false);
    paused.saw(showing({ paused: true, steps: [], wait: { on: 'resume; paused before shift' } as Wait }));
    assert.throws(() => paused.saw(showing({ outcome: 'rolled-back' })), /which is none of/);
    assert.throws(() => waiting().saw(showing({ outcome: 'rolled-back' })), /which is none of/);
  });
});
