import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { toSpecRef } from '../../../src/activities/release.ts';
import { findRollbackTarget } from '../../../src/domain/rollout/rollback-target.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import { findSuperseded } from '../../../src/domain/service/superseding.ts';
import {
  type Entry,
  type ServiceState,
  collectFormerlyLive,
  createServiceState,
  rememberLive,
} from '../../../src/domain/service/state.ts';
import { CONCURRENCY_POLICIES, pickSettings } from '../../../src/domain/service/service.ts';
import { reference, spec, standing } from '../../workflow/samples.ts';

const KEY = { name: 'web', environment: 'production' };
const NOW = '2026-01-01T00:00:00.000Z';

/** `deploy 3`, `rollback 1`, `remove`: what runs or waits. */
function entry(text: string, index: number): Entry {
  const [kind, number] = text.split(' ');
  const common = { number: 10 + index, actor: 'ada', settings: pickSettings(spec(KEY)), queuedAt: NOW };
  if (kind === 'deploy') return { ...common, kind, revision: reference(spec(KEY), Number(number)) };
  if (kind === 'rollback') return { ...common, kind, to: Number(number) };
  return { ...common, kind: 'remove' };
}

const lineupOf = (live: number): ServiceState['revisionSet'] => ({ live: standing(spec(KEY), live), warm: [] });
const described = toSpecRef(spec(KEY));

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
        ...{
          ...createServiceState(KEY),
          spec: toSpecRef(spec(KEY)),
          lastRollout: 11,
          lastRevision: 4,
          formerly,
          bad,
          queue,
        },
        revisionSet: { ...(live === undefined ? {} : { live: standing(spec(KEY), live) }), warm: [] },
        ...(running ? { running } : {}),
      };
      const target = findRollbackTarget(state);
      assert.deepEqual([target.to, target.sameAs?.number], [to, same === undefined ? undefined : 10 + same]);
      for (const concurrency of CONCURRENCY_POLICIES) {
        const facts = { now: NOW, ...(to === undefined ? {} : { revision: { number: to, state: 'retired' } }) };
        const asked = { ...state, spec: toSpecRef(spec(KEY, { concurrency })) };
        const decision = decideRequest(asked, { kind: 'rollback' }, { actor: 'bob', requestId: 'x' }, facts);
        if (to === undefined) assert.equal(decision.kind, 'refused');
        else assert.equal(decision.kind, same === undefined ? 'queued' : 'answered');
        if (decision.kind !== 'refused') assert.equal(decision.receipt.revision, to);
        if (decision.kind === 'answered') assert.equal(decision.receipt.rollout, 10 + (same ?? 0));
      }
    });
  }

  it('never leads twice to the same, nor to what was fled from, however often it is asked for', () => {
    const histories = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(histories, (deployed) => {
        let formerly: number[] = [];
        let live: number | undefined;
        const rollouts: { kind: 'deploy' | 'rollback'; outcome: string; revision: number }[] = [];
        const became = (revision: number, kind: 'deploy' | 'rollback'): void => {
          formerly = rememberLive(formerly, live, revision, kind === 'rollback');
          live = revision;
          rollouts.unshift({ kind, outcome: 'succeeded', revision });
          assert.deepEqual(collectFormerlyLive(rollouts, live), formerly, 'as it is on record');
        };
        for (const revision of deployed) became(revision, 'deploy');
        const visited = [live];
        for (;;) {
          const { to } = findRollbackTarget({ ...createServiceState(KEY), formerly, revisionSet: lineupOf(live!) });
          if (to === undefined) break;
          assert.ok(!visited.includes(to), `${visited.join(' → ')} → ${to}`);
          visited.push(to);
          became(to, 'rollback');
        }
        assert.equal(visited.length, new Set(deployed).size, 'all that was live can be gone back to');
      }),
    );
  });

  it('names what was gone back from where nothing is further back', () => {
    const state = {
      ...createServiceState(KEY),
      spec: described,
      revisionSet: { ...lineupOf(1), warm: [standing(spec(KEY), 2)] },
    };
    const decision = decideRequest(state, { kind: 'rollback' }, { actor: 'bob', requestId: 'x' }, { now: NOW });
    assert(decision.kind === 'refused');
    assert.match(decision.refusal.suggestion ?? '', /r2 was gone back from .* --to r2/);
  });

  describe('says what becomes of what is there already', () => {
    const said = (ahead: string[], isSettled: boolean) => {
      const [running, ...queue] = ahead.map(entry);
      const state: ServiceState = {
        ...{
          ...createServiceState(KEY),
          spec: described,
          revisionSet: lineupOf(2),
          lastRollout: 15,
          lastRevision: 9,
          formerly: [1],
        },
        ...{ queue, ...(running ? { running } : {}) },
      };
      const facts = { now: NOW, isSettled, revision: { number: 1, state: 'retired' } };
      const decision = decideRequest(state, { kind: 'rollback', to: 1 }, { actor: 'bob', requestId: 'x' }, facts);
      assert(decision.kind === 'queued');
      const { queuedBehind, ends, drops } = decision.receipt;
      return { queuedBehind, ends, drops };
    };
    const none = { ends: undefined, drops: undefined };
    for (const [what, ahead, isSettled, wanted] of [
      ['nothing', [], false, { queuedBehind: 0, ...none }],
      ['a deployment that runs is ended', ['deploy 3'], false, { queuedBehind: 0, ends: 10, drops: undefined }],
      ['one that has settled is waited for', ['deploy 3'], true, { queuedBehind: 1, ...none }],
      [
        'deployments that wait leave the queue',
        ['deploy 3', 'deploy 4', 'deploy 5'],
        false,
        { queuedBehind: 0, ends: 10, drops: [11, 12] },
      ],
      [
        'a rollback is waited for',
        ['rollback 2', 'deploy 4'],
        false,
        { queuedBehind: 1, ends: undefined, drops: [11] },
      ],
      ['a removal, too', ['deploy 3', 'remove'], false, { queuedBehind: 1, ends: 10, drops: undefined }],
    ] as const) {
      it(what, () => assert.deepEqual(said([...ahead], isSettled), wanted));
    }
  });

  it('ends the deployment that runs, whatever the policy, unless it leads there', () => {
    const running = entry('deploy 3', 0);
    const state = { ...createServiceState(KEY), spec: described, running, revisionSet: lineupOf(2), lastRollout: 11 };
    assert.equal(findSuperseded(state, { ...entry('rollback 2', 2), to: 2 }).running?.number, running.number);
    assert.equal(findSuperseded(state, { ...entry('rollback 3', 2), to: 3 }).running, undefined);
    const removal = { ...state, running: entry('remove', 0) };
    assert.equal(findSuperseded(removal, { ...entry('rollback 2', 2), to: 2 }).running, undefined);
  });
});
