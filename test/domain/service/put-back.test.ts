import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { toSpecRef } from '../../../src/activities/release.ts';
import { readPutBackReport } from '../../../src/domain/service/messages.ts';
import type { PutBackStage } from '../../../src/domain/service/requests.ts';
import type { RevisionRef } from '../../../src/domain/service/revision.ts';
import { findRollbackTarget } from '../../../src/domain/rollout/rollback-target.ts';
import { applyDecision, removeFromQueue } from '../../../src/domain/service/decisions/apply-decision.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import type { Decision } from '../../../src/domain/service/decisions/decision.ts';
import { type Entry, type ServiceState, createServiceState, applyPutBack } from '../../../src/domain/service/state.ts';
import { CONCURRENCY_POLICIES, type ConcurrencyPolicy, pickSettings } from '../../../src/domain/service/service.ts';
import { spec, standing } from '../../workflow/samples.ts';

const KEY = { name: 'web', environment: 'production' };
const NOW = '2026-01-01T00:00:00.000Z';
const CHANGE = { actor: 'ada', requestId: 'r' };

const revision = (number: number, release: string): RevisionRef => ({ number, release, label: release });

function entry(number: number, what: Pick<Entry, 'kind' | 'revision' | 'to' | 'putBack'>): Entry {
  return { number, actor: 'ada', settings: pickSettings(spec(KEY)), queuedAt: NOW, ...what };
}

/** Rollout 1 has brought r1 of release `a`; rollout 2 brings r2 of release `b`. */
function deploying(putBack?: PutBackStage): ServiceState {
  return {
    ...{ ...createServiceState(KEY), spec: toSpecRef(spec(KEY)), lastRollout: 2, lastRevision: 2 },
    revisionSet: { live: { ...standing(spec(KEY), 1), revision: revision(1, 'a') }, warm: [] },
    running: entry(2, { kind: 'deploy', revision: revision(2, 'b'), ...(putBack ? { putBack } : {}) }),
  };
}

function apply(state: ServiceState, release: string, concurrency?: ConcurrencyPolicy): Decision {
  const described = toSpecRef(spec(KEY, concurrency ? { concurrency } : {}));
  return decideRequest(state, { kind: 'apply', release, label: release, spec: described }, CHANGE, { now: NOW });
}

/** `2`: that rollout brings it; `live`: it is so already; `new`: a rollout is queued for it. */
function answerOf(decision: Decision): string {
  if (decision.kind !== 'answered') return decision.kind === 'queued' ? 'new' : 'refused';
  return decision.receipt.unchanged ? 'live' : String(decision.receipt.rollout);
}

function accept(state: ServiceState, decision: Decision): ServiceState {
  assert.ok(decision.kind !== 'refused');
  return applyDecision(state, decision, { requestId: 'r', fingerprint: 'f', receipt: decision.receipt });
}

describe('what is applied beside a rollout', () => {
  const cases: [putBack: PutBackStage | undefined, release: 'a' | 'b' | 'c', answer: string][] = [
    [undefined, 'a', 'new'],
    [undefined, 'b', '2'],
    [undefined, 'c', 'new'],
    ['asked', 'a', 'new'],
    ['asked', 'b', 'new'],
    ['asked', 'c', 'new'],
    ['begun', 'a', 'live'],
    ['begun', 'b', 'new'],
    ['begun', 'c', 'new'],
  ];
  for (const [putBack, release, wanted] of cases) {
    const how = { asked: 'that is to be put back', begun: 'that is being put back' };
    const what = release === 'a' ? 'what is live' : release === 'b' ? 'what that brings' : 'something else';
    it(`${putBack ? how[putBack] : 'that goes on'}: ${what} is answered with ${wanted}`, () => {
      assert.equal(answerOf(apply(deploying(putBack), release)), wanted);
    });
  }

  it('is answered with what waits behind one that is put back', () => {
    const state = { ...deploying('begun'), queue: [entry(3, { kind: 'deploy', revision: revision(3, 'b') })] };
    assert.equal(answerOf(apply(state, 'b')), '3');
    assert.equal(answerOf(apply(state, 'a')), 'new');
  });

  it('is refused under concurrency: reject, with what to wait for', () => {
    const decision = apply(deploying('begun'), 'b', 'reject');
    assert.ok(decision.kind === 'refused');
    assert.match(decision.refusal.suggestion ?? '', /being put back/);
  });

  it('is not counted on by what gives way to it, even when that has left the queue again', () => {
    for (const [policy, asked] of [
      ['supersede-running', 'c'],
      ['queue', 'rollback'],
    ] as const) {
      const state = deploying();
      const decision =
        asked === 'c'
          ? apply(state, 'c', policy)
          : decideRequest(state, { kind: 'rollback', to: 1 }, CHANGE, { now: NOW });
      assert.equal(decision.kind, 'queued');
      const after = removeFromQueue(accept(state, decision), 3);
      assert.deepEqual(after.queue, []);
      // Too late for that it may yet become live: nobody knows.
      assert.equal(answerOf(apply(after, 'b')), 'new');
      assert.equal(answerOf(apply(after, 'a')), 'new');
    }
  });

  it('never waits for a rollout that is put back, whatever was asked before', () => {
    const someEntry = fc.record({
      kind: fc.constantFrom('deploy' as const, 'rollback' as const, 'remove' as const),
      release: fc.constantFrom('a', 'b', 'c'),
    });
    const property = fc.property(
      fc.option(someEntry, { nil: undefined }),
      fc.constantFrom<(PutBackStage | undefined)[]>(undefined, 'asked', 'begun'),
      fc.array(someEntry, { maxLength: 3 }),
      fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom(...CONCURRENCY_POLICIES),
      (first, putBack, waiting, live, release, policy) => {
        const entries = [...(first ? [first] : []), ...waiting].map(({ kind, release: brought }, index) =>
          entry(10 + index, {
            kind,
            ...(kind === 'deploy' ? { revision: revision(10 + index, brought) } : {}),
            ...(kind === 'rollback' ? { to: 1 } : {}),
          }),
        );
        const [running] = first ? entries : [];
        const before: ServiceState = {
          ...{
            ...createServiceState(KEY),
            spec: toSpecRef(spec(KEY)),
            lastRollout: 9 + entries.length,
            lastRevision: 20,
          },
          revisionSet: {
            ...(live ? { live: { ...standing(spec(KEY), 1), revision: revision(1, live) } } : {}),
            warm: [],
          },
          queue: running ? entries.slice(1) : entries,
          ...(running ? { running } : {}),
        };
        const state = putBack ? applyPutBack(before, { rollout: 10, stage: putBack }) : before;
        const decision = apply(state, release, policy);
        if (decision.kind !== 'answered') return;
        const { rollout, unchanged } = decision.receipt;
        const named = [...(state.running ? [state.running] : []), ...state.queue].find(
          ({ number }) => number === rollout,
        );
        assert.equal(named?.putBack, undefined);
        // Unless it is live, and stays so, the rollout that is named brings it.
        const brought = named?.kind === 'rollback' ? live : named?.revision?.release;
        assert.equal(unchanged ? live : brought, release);
        if (unchanged) assert.ok(!state.running || state.running.putBack === 'begun');
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });
});

describe('a rollback that names no revision, where one is put back already', () => {
  for (const stage of ['asked', 'begun'] as const) {
    it(`is made once more, to the same revision: ${stage}`, () => {
      const running = entry(2, { kind: 'rollback', to: 1 });
      const state = { ...deploying(), running };
      assert.equal(findRollbackTarget(state).sameAs?.number, 2);
      assert.deepEqual(findRollbackTarget(applyPutBack(state, { rollout: 2, stage })), { to: 1 });
    });
  }
});

describe('that a rollout is put back', () => {
  it('is heard of the running one alone, and is never taken back', () => {
    const state = deploying();
    assert.equal(applyPutBack(state, { rollout: 1, stage: 'begun' }), state);
    assert.equal(applyPutBack(state, { rollout: 3, stage: 'begun' }), state);
    const begun = applyPutBack(state, { rollout: 2, stage: 'begun' });
    assert.equal(begun.running?.putBack, 'begun');
    assert.equal(applyPutBack(begun, { rollout: 2, stage: 'asked' }), begun);
    const { running: _over, ...idle } = state;
    assert.equal(applyPutBack(idle, { rollout: 2, stage: 'begun' }), idle);
  });

  it('is only said in the one shape', () => {
    assert.deepEqual(readPutBackReport({ rollout: 2, stage: 'asked', more: 'x' }), { rollout: 2, stage: 'asked' });
    for (const bad of [null, undefined, 2, [], {}, { rollout: 2 }, { rollout: '2', stage: 'begun' }]) {
      assert.equal(readPutBackReport(bad), undefined);
    }
    for (const bad of [
      { rollout: 0, stage: 'begun' },
      { rollout: 2, stage: 'over' },
    ]) {
      assert.equal(readPutBackReport(bad), undefined);
    }
  });
});
