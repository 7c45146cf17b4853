import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { rollbackTarget } from '../../src/domain/rollback-target.ts';
import { decide } from '../../src/domain/service-decisions.ts';
import { type Entry, type ServiceState, newState } from '../../src/domain/service-state.ts';
import { CONCURRENCY_POLICIES } from '../../src/domain/service.ts';
import { revision, spec, standing } from '../workflow/samples.ts';

const KEY = { name: 'web', environment: 'production' };
const NOW = '2026-01-01T00:00:00.000Z';

/** `deploy 3`, `rollback 1`, `remove`: what runs or waits. */
function entry(text: string, index: number): Entry {
  const [kind, number] = text.split(' ');
  const common = { number: 10 + index, actor: 'ada', spec: spec(KEY), queuedAt: NOW };
  if (kind === 'deploy') return { ...common, kind, revision: revision(spec(KEY), Number(number)) };
  if (kind === 'rollback') return { ...common, kind, to: Number(number) };
  return { ...common, kind: 'remove' };
}

describe('a rollback that names no revision', () => {
  const cases: {
    what: string;
    live?: number;
    formerly?: number[];
    bad?: number[];
    ahead: string[];
    to?: number;
    /** The rollout, of those that run or wait, that it is. */
    same?: number;
  }[] = [
    { what: 'away from what is live, where nothing runs', live: 2, formerly: [1], ahead: [], to: 1 },
    { what: 'past what is bad', live: 3, formerly: [2, 1], bad: [2], ahead: [], to: 1 },
    { what: 'nowhere, where nothing was live before', live: 1, ahead: [] },
    { what: 'away from what is being rolled out', live: 2, formerly: [1], ahead: ['deploy 3'], to: 2 },
    { what: 'away from all that waits', live: 2, formerly: [1], ahead: ['deploy 3', 'deploy 4'], to: 2 },
    { what: 'nowhere during a first deployment, which abort ends', ahead: ['deploy 1'] },
    { what: 'back to what is being removed', live: 2, formerly: [1], ahead: ['remove'], to: 2 },
    { what: 'where the rollback that runs leads', live: 2, formerly: [1], ahead: ['rollback 1'], to: 1, same: 0 },
    {
      what: 'where the rollback that waits leads',
      ...{ live: 2, formerly: [1], ahead: ['deploy 3', 'rollback 2'], to: 2, same: 1 },
    },
    {
      what: 'where a rollback led, away from what was deployed behind that',
      ...{ live: 3, formerly: [2, 1], ahead: ['rollback 2', 'deploy 4'], to: 2 },
    },
  ];
  for (const { what, live, formerly = [], bad = [], ahead, to, same } of cases) {
    it(`leads ${what}`, () => {
      const [running, ...queue] = ahead.map(entry);
      const state: ServiceState = {
        ...{ ...newState(KEY), spec: spec(KEY), lastRollout: 11, lastRevision: 4, formerly, bad, queue },
        lineup: { ...(live === undefined ? {} : { live: standing(spec(KEY), live) }), warm: [] },
        ...(running ? { running } : {}),
      };
      const target = rollbackTarget(state);
      assert.deepEqual([target.to, target.sameAs?.number], [to, same === undefined ? undefined : 10 + same]);
      for (const concurrency of CONCURRENCY_POLICIES) {
        const facts = { now: NOW, ...(to === undefined ? {} : { revision: { number: to, state: 'retired' } }) };
        const asked = { ...state, spec: spec(KEY, { concurrency }) };
        const decision = decide(asked, { kind: 'rollback' }, { actor: 'bob', requestId: 'x' }, facts);
        if (to === undefined) assert.equal(decision.kind, 'refused');
        else assert.equal(decision.kind, same === undefined ? 'queued' : 'answered');
        if (decision.kind !== 'refused') assert.equal(decision.ticket.revision, to);
        if (decision.kind === 'answered') assert.equal(decision.ticket.rollout, 10 + (same ?? 0));
      }
    });
  }
});
