import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  HOLD_REASON_LIMIT,
  type Hold,
  MOST_HOLDS,
  type RolloutEnd,
  addHold,
  createHold,
  describeHold,
} from '../../../src/domain/rollback/hold.ts';
import { OUTCOMES } from '../../../src/domain/rollout/rollout.ts';
import { applyDecision } from '../../../src/domain/service/decisions/apply-decision.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import type { Asked, RequestMeta } from '../../../src/domain/service/requests.ts';
import { pickSettings } from '../../../src/domain/service/service.ts';
import { type ServiceState, applyBlame, createServiceState } from '../../../src/domain/service/state.ts';
import { spec } from '../../workflow/samples.ts';

const KEY = { name: 'web', environment: 'production' };
const NOW = '2026-01-01T00:00:00.000Z';
const END: RolloutEnd = {
  kind: 'deploy',
  outcome: 'rolled-back',
  number: 12,
  revision: { number: 6, release: 'six', label: 'v6' },
  failure: 'CheckFailed',
  because: 'check answers failed: 500',
  hadTraffic: true,
  at: NOW,
};
const HOLD: Hold = { release: 'six', revision: 6, rollout: 12, because: 'check answers failed: 500', since: NOW };

describe('what a rollout is held for', () => {
  it('is what its release is to blame for, under traffic', () => {
    assert.deepEqual(createHold(END), HOLD);
    for (const failure of ['HookFailed', 'ProgressDeadline']) assert.deepEqual(createHold({ ...END, failure }), HOLD);
    assert.equal(describeHold(HOLD), 'r6 was rolled back by rollout 12: check answers failed: 500');
  });

  it('is what a program that watches the service says, too; not what a person decides, nor before traffic', () => {
    const ended: RolloutEnd = { ...END, outcome: 'aborted', failure: 'Aborted', endedBy: 'webhook:pager' };
    assert.deepEqual(createHold(ended), HOLD);
    assert.equal(createHold({ ...ended, endedBy: 'ada' }), undefined);
    assert.equal(createHold({ ...ended, hadTraffic: false }), undefined);
  });

  const innocent: [string, Partial<RolloutEnd>][] = [
    ['a rollback', { kind: 'rollback' }],
    ['a router that does not answer', { failure: 'RouteRefused' }],
    ['what never came about, such as a time-out', { failure: undefined as never }],
    ...OUTCOMES.filter((outcome) => outcome !== 'rolled-back').map((outcome): [string, Partial<RolloutEnd>] => [
      `one that ${outcome}`,
      { outcome },
    ]),
  ];
  for (const [what, over] of innocent) {
    it(`is not ${what}`, () => assert.equal(createHold({ ...END, ...over }), undefined));
  }

  it('is cut short, however long the reason', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (because) => {
        const told = createHold({ ...END, because })?.because ?? '';
        assert.ok(told.length <= HOLD_REASON_LIMIT && told.isWellFormed() && !/\p{Cc}/u.test(told));
      }),
      { numRuns: 30 },
    );
  });
});

describe('releases on hold', () => {
  it('are each there once, the latest at the end, and no more than may be', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 100 }), (numbers) => {
        const holds = numbers.reduce<Hold[]>(
          (all, number, index) => addHold(all, { ...HOLD, release: `release-${number}`, rollout: index }),
          [],
        );
        const latest = [...new Set(numbers.toReversed())].slice(0, MOST_HOLDS).toReversed();
        assert.deepEqual(
          holds.map(({ release }) => release),
          latest.map((number) => `release-${number}`),
        );
      }),
    );
  });
});

function asked(release: string): Asked {
  return { kind: 'apply', release, label: release, spec: { digest: release, settings: pickSettings(spec(KEY)) } };
}

/** r5 is live, and r6 was rolled back. */
function afterRollback(live = 'five'): ServiceState {
  const state: ServiceState = {
    ...createServiceState(KEY),
    spec: { digest: 'six', settings: pickSettings(spec(KEY)) },
    lastRevision: 6,
    lastRollout: 12,
    revisionSet: { live: { revision: { number: 5, release: live, label: live }, endpoints: [], since: NOW }, warm: [] },
  };
  return applyBlame(state, HOLD);
}

describe('a service whose release was rolled back', () => {
  const by = (over: Partial<RequestMeta> = {}): RequestMeta => ({ actor: 'flux', requestId: 'id', ...over });
  const decide = (state: ServiceState, release: string, over?: Partial<RequestMeta>) =>
    decideRequest(state, asked(release), by(over), { now: NOW });

  it('has the revision marked bad', () => {
    assert.deepEqual(afterRollback().bad, [6]);
  });

  it('refuses the same release, with the reason and the way out', () => {
    const decision = decide(afterRollback(), 'six');
    assert.ok(decision.kind === 'refused');
    assert.equal(decision.refusal.type, 'Refused');
    assert.match(decision.refusal.message, /on hold: r6 was rolled back by rollout 12: check answers failed: 500$/);
    assert.match(decision.refusal.suggestion ?? '', /another release.*--again/);
  });

  it('takes another release, and what is live already', () => {
    assert.equal(decide(afterRollback(), 'seven').kind, 'queued');
    const same = decide(afterRollback(), 'five');
    assert.ok(same.kind === 'answered' && same.receipt.unchanged);
  });

  it('holds no release that is live: in other processes it works', () => {
    assert.deepEqual(afterRollback('six').holds, undefined);
    assert.deepEqual(afterRollback('six').bad, [6]);
  });

  it('takes the same again where somebody says so, which lifts the hold once', () => {
    const state = afterRollback();
    const decision = decide(state, 'six', { again: true, reason: 'the database was down' });
    assert.ok(decision.kind === 'queued');
    assert.deepEqual(decision.lifts, HOLD);
    const next = applyDecision(state, decision, { requestId: 'id', fingerprint: 'f' });
    assert.deepEqual(next.holds, []);
    assert.deepEqual(applyBlame({ ...next, queue: [] }, { ...HOLD, rollout: 13, revision: 7 }).holds?.length, 1);
  });

  it('is answered as ever where --again is said of what is on no hold', () => {
    const decision = decide(afterRollback(), 'seven', { again: true });
    assert.ok(decision.kind === 'queued' && decision.lifts === undefined);
  });
});
