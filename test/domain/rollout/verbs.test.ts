import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { GateStatus } from '../../../src/domain/gates/status.ts';
import { PHASES, type RolloutKind } from '../../../src/domain/rollout/rollout.ts';
import {
  answerVerb,
  answerVerbNow,
  isEndedByRollback,
  isFreezing,
  type Moment,
  type Stage,
  VERB_TABLE,
  type Verb,
  VERBS,
} from '../../../src/domain/rollout/verbs.ts';

const STAGES: Stage[] = [...PHASES, 'frozen', 'closed'];

// Written by hand, not derived: y is legal, · is refused.
const GRID = `
            promote pause resume abort retry rollback approve reject
  plan         ·      y      y     y     ·      y        y       y
  provision    ·      y      y     y     ·      y        y       y
  validate     ·      y      y     y     ·      y        y       y
  shift        ·      y      y     y     ·      y        y       y
  bake         y      y      y     y     ·      y        y       y
  settle       ·      ·      ·     ·     ·      y        ·       ·
  teardown     ·      ·      ·     ·     ·      y        ·       ·
  frozen       y      ·      ·     y     y      y        ·       ·
  closed       ·      ·      ·     ·     ·      y        ·       ·
`;

const [header = [], ...rows] = GRID.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

const WAITING: GateStatus = {
  ...{ name: 'qa', kind: 'approval', before: 'shift', state: 'waiting', then: 'rollback' },
  ...{ since: '2026-01-01T00:00:00.000Z', until: '2026-01-02T00:00:00.000Z' },
};

const atGate = (verb: Verb) => (verb === 'approve' || verb === 'reject' ? { gates: [WAITING] } : {});

const words = (verb: Verb, stage: Stage, now: Moment = { paused: false, aborting: false }): string => {
  const rule = answerVerb(verb, stage, now);
  return rule.legal ? `yes: ${rule.effect}` : `no: ${rule.reason}`;
};

describe('phase × verb', () => {
  it('has a row for every stage and a column for every verb, in the grid and in the table', () => {
    assert.deepEqual(header, [...VERBS]);
    assert.deepEqual(
      rows.map(([stage]) => stage),
      STAGES,
    );
    assert.deepEqual(Object.keys(VERB_TABLE), STAGES);
    for (const stage of STAGES) assert.deepEqual(Object.keys(VERB_TABLE[stage]), [...VERBS]);
  });

  for (const [stage, ...marks] of rows as [Stage, ...string[]][]) {
    for (const [index, mark] of marks.entries()) {
      const verb = VERBS[index]!;
      it(`${verb} in ${stage}: ${mark === 'y' ? 'legal' : 'refused'}`, () => {
        const rule = VERB_TABLE[stage][verb];
        assert.equal(rule.legal, mark === 'y');
        // A sentence that fits behind a colon, for people.
        assert.match(rule.legal ? rule.effect : rule.reason, /^[a-z][^\n]{4,}[^.\s]$/);
        // At a gate that waits for an approval; promotions there have rows of their own.
        const now = { paused: verb === 'resume', aborting: false, ...atGate(verb) };
        assert.deepEqual(answerVerb(verb, stage, now), rule);
      });
    }
  }
});

describe('what an abort does', () => {
  it('leaves traffic where it is before the shift, and gives it back from then on', () => {
    for (const stage of ['plan', 'provision', 'validate'] as const)
      assert.match(words('abort', stage), /traffic stays where it is/);
    for (const stage of ['shift', 'bake'] as const)
      assert.match(words('abort', stage), /gives traffic back .*, then destroys/);
  });

  it('is refused once the new revision is live, with what to do instead', () => {
    for (const stage of ['settle', 'teardown', 'closed'] as const)
      assert.match(words('abort', stage), /^no: .*use rollback on the service/);
  });
});

describe('what an abort does that a program demands which watches the service', () => {
  const asked = { demanded: true };
  const now = { paused: false, aborting: false, asked };

  it('is what any does, where the rollout goes back by itself', () => {
    for (const stage of STAGES) assert.deepEqual(answerVerb('abort', stage, now), VERB_TABLE[stage].abort);
  });

  it('freezes what does not, once, and is otherwise answered as any', () => {
    for (const stage of ['shift', 'bake'] as const) {
      const rule = answerVerb('abort', stage, { ...now, staysPut: true });
      assert.ok(rule.legal && isFreezing(rule.effect));
      assert.ok(!isFreezing(words('abort', stage)));
    }
    assert.match(words('abort', 'frozen', { ...now, staysPut: true }), /^no: the rollout is frozen already/);
    assert.match(words('abort', 'bake', { ...now, aborting: true, staysPut: true }), /being put back already/);
    assert.match(words('abort', 'settle', { ...now, staysPut: true }), /^no: the new revision is live/);
  });

  it('is nothing else of a person', () => {
    assert.deepEqual(answerVerb('abort', 'bake', { paused: false, aborting: false, staysPut: true }), {
      ...VERB_TABLE.bake.abort,
    });
  });
});

describe('a rollout that is paused', () => {
  for (const stage of ['plan', 'provision', 'validate', 'shift', 'bake'] as const) {
    it(`can be resumed and not paused again in ${stage}; one that is not, the other way round`, () => {
      assert.match(words('resume', stage, { paused: true, aborting: false }), /^yes/);
      assert.equal(words('pause', stage, { paused: true, aborting: false }), 'no: the rollout is paused already');
      assert.equal(words('resume', stage), 'no: the rollout is not paused');
      assert.match(words('pause', stage), /^yes/);
    });
  }

  it('is asked for nothing else differently', () => {
    for (const stage of STAGES) {
      for (const verb of VERBS.filter((each) => each !== 'pause' && each !== 'resume')) {
        const now = { paused: true, aborting: false, ...atGate(verb) };
        assert.deepEqual(answerVerb(verb, stage, now), VERB_TABLE[stage][verb]);
      }
    }
  });
});

describe('a rollout that is frozen', () => {
  const frozen = { because: 'check answers failed', since: '2026-01-01T00:00:00.000Z' };

  it('is answered as frozen, whichever phase failed, and not any more once it is put back or over', () => {
    for (const phase of PHASES) {
      for (const verb of VERBS) {
        const rule = answerVerbNow(verb, { phase, frozen, paused: false });
        assert.deepEqual(rule, answerVerb(verb, 'frozen', { paused: false, aborting: false }));
        assert.equal(answerVerbNow(verb, { phase, frozen, paused: false, undoing: 'bake' }).legal, verb === 'rollback');
        const over = answerVerbNow(verb, { phase, frozen, paused: false, outcome: 'aborted' });
        assert.deepEqual(over, VERB_TABLE.closed[verb]);
      }
    }
  });
});

describe('a rollout that is being put back', () => {
  it('is answered as where that began, whichever phase undoes it', () => {
    for (const undoing of PHASES) {
      for (const verb of VERBS) {
        const now = answerVerbNow(verb, { phase: 'teardown', undoing, paused: false });
        assert.deepEqual(now, answerVerb(verb, undoing, { paused: false, aborting: true }));
        const over = answerVerbNow(verb, { phase: 'teardown', undoing, paused: false, outcome: 'aborted' });
        assert.deepEqual(over, VERB_TABLE.closed[verb]);
      }
    }
  });

  for (const stage of STAGES) {
    it(`takes nothing any more in ${stage} but a rollback that queues behind it`, () => {
      for (const paused of [true, false]) {
        for (const verb of VERBS) {
          const rule = answerVerb(verb, stage, { paused, aborting: true });
          const lawful = VERB_TABLE[stage][verb];
          if (verb === 'rollback') assert.ok(rule.legal && rule.effect.startsWith('queues a rollback'));
          else if (!lawful.legal) assert.deepEqual(rule, lawful);
          else assert.deepEqual(rule, { legal: false, reason: 'the rollout is being put back already' });
        }
      }
    });
  }
});

describe('a rollback, beside a rollout that', () => {
  const before = ['plan', 'provision', 'validate', 'shift', 'bake'] as const;
  const asked = (stage: Stage, rollout: { kind: RolloutKind; previous?: number }): string => {
    const rule = answerVerb('rollback', stage, { paused: false, aborting: false, rollout });
    return rule.legal ? `yes: ${rule.effect}` : `no: ${rule.reason}`;
  };

  it('deploys, puts it back before it is live, and waits for it from then on', () => {
    for (const stage of before) {
      assert.match(
        asked(stage, { kind: 'deploy', previous: 1 }),
        /^yes: puts this rollout back at its next safe point/,
      );
      assert.ok(isEndedByRollback(stage));
    }
    for (const stage of ['settle', 'teardown'] as const) {
      assert.match(asked(stage, { kind: 'deploy', previous: 1 }), /^yes: queues a rollback behind/);
      assert.ok(!isEndedByRollback(stage));
    }
  });

  it('deploys where nothing was live, is refused with what to do instead', () => {
    for (const stage of before) assert.match(asked(stage, { kind: 'deploy' }), /^no: .*abort puts everything back/);
  });

  it('rolls back, is that one', () => {
    for (const stage of before) assert.match(asked(stage, { kind: 'rollback', previous: 2 }), /^yes: is this rollout/);
  });

  it('removes, waits for it and brings the service back', () => {
    assert.match(asked('plan', { kind: 'remove', previous: 2 }), /^yes: .*behind this removal, which brings/);
  });
});

describe('a rollout that waits at a gate', () => {
  const at = (gate: Partial<GateStatus>) => ({ paused: false, aborting: false, gates: [{ ...WAITING, ...gate }] });
  const STOPPED = { kind: 'change-stop', name: 'change-stop' } as const;
  const held = ['plan', 'provision', 'validate', 'shift', 'bake'] as const;

  it('is approved and rejected only where somebody is waited for', () => {
    for (const stage of held) {
      for (const verb of ['approve', 'reject'] as const) {
        assert.match(words(verb, stage), /^no: no gate is waiting/);
        assert.match(words(verb, stage, at({})), /^yes/);
        assert.match(words(verb, stage, at(STOPPED)), /^no: no gate is waiting/);
        assert.match(words(verb, stage, at({ state: 'open' })), /^no: no gate is waiting/);
        assert.match(words(verb, stage, { ...at({}), aborting: true }), /^no: .*being put back/);
      }
    }
  });

  it('is promoted by break-glass alone, wherever it waits, and for whatever', () => {
    for (const stage of held) {
      for (const gate of [{}, STOPPED]) {
        assert.match(words('promote', stage, { ...at(gate), asked: { breakGlass: true } }), /^yes: passes the gates/);
        assert.match(words('promote', stage, { ...at(gate), asked: {} }), /^no: .*--break-glass/);
        const full = words('promote', stage, { ...at(gate), asked: { full: true } });
        assert.match(full, stage === 'bake' ? /^yes: goes on once the gates/ : /^no: .*--break-glass/);
      }
    }
    assert.match(words('promote', 'validate', { ...at({ state: 'open' }), asked: { breakGlass: true } }), /^no/);
    assert.match(words('promote', 'bake', { ...at({}), aborting: true }), /^no: .*being put back/);
  });

  it('can be held, aborted and rolled back as ever', () => {
    for (const stage of held) {
      for (const verb of ['pause', 'abort'] as const) assert.equal(words(verb, stage, at({})), words(verb, stage));
    }
  });
});
