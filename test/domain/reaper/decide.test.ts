import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type Decision, decideReaping } from '../../../src/domain/reaper/decide.ts';
import {
  DEFAULT_POLICY,
  type FoundFact,
  type LeaseFact,
  type NoteFact,
  type ReaperPolicy,
  type RevisionFact,
  type World,
} from '../../../src/domain/reaper/facts.ts';
import { formatStackName, parseStackName } from '../../../src/domain/service/revision.ts';
import { NAME } from '../../../src/domain/service/service.ts';
import { NOW, at, world } from './worlds.ts';

const WEB = { name: 'web', environment: 'production' };
const WEB_3 = { project: 'production', stack: 'web-production-r3' };
const VARIANT = { project: 'production', stack: 'nightly--a-production-r7' };
const RUN = { experiment: { name: 'nightly', environment: 'production' }, run: 7 };

function found(id: typeof WEB_3, over: Partial<FoundFact> = {}): FoundFact {
  return { ...id, reach: 'machine', isOurs: true, ...over };
}

function revision(over: Partial<RevisionFact>): RevisionFact {
  return { ...WEB_3, service: WEB, revision: 3, state: 'retired', teardown: 'gone', isQuarantined: false, ...over };
}

function lease(over: Partial<LeaseFact>): LeaseFact {
  return { ...VARIANT, run: RUN, variant: 'a', deadlineAt: at(600), owner: 'running', ...over };
}

function note(id: typeof WEB_3, over: Partial<NoteFact>): NoteFact {
  return { ...id, reason: 'unknown', reach: 'machine', foundAt: at(-5), attempts: 0, reaping: 'gone', ...over };
}

function decide(some: Partial<World>, policy: Partial<ReaperPolicy> = {}): Decision {
  const [decision, ...more] = decideReaping(world(some), NOW, { ...DEFAULT_POLICY, ...policy });
  assert.deepEqual(more, []);
  assert.ok(decision, 'nothing was said of it');
  return decision;
}

interface Row {
  it: string;
  world: Partial<World>;
  policy?: Partial<ReaperPolicy>;
  verdict: Decision['verdict'];
  act?: Decision['act'];
  because: RegExp;
  dueAt?: string;
}

const TABLE: Row[] = [
  ...(['provisioning', 'ready', 'live', 'warm'] as const).map((state) => ({
    it: `a ${state} revision owns its stack, whatever was noted of it`,
    world: { found: [found(WEB_3)], revisions: [revision({ state })], notes: [note(WEB_3, { reason: 'teardown' })] },
    verdict: 'owned' as const,
    because: new RegExp(`web/production r3 is ${state}`),
  })),
  {
    it: 'a rollout that is under way owns what is retired: it may go back to it, or takes it down',
    world: { found: [found(WEB_3)], revisions: [revision({ openRollout: 9 })] },
    verdict: 'owned',
    because: /rollout web\/production#9 is under way/,
  },
  {
    it: 'a teardown that runs owns what is failed',
    world: { found: [found(WEB_3)], revisions: [revision({ state: 'failed', teardown: 'running' })] },
    verdict: 'owned',
    because: /is failed, and is being taken down/,
  },
  {
    it: 'what was on a host that does not say what it has stays noted',
    world: { notes: [note(WEB_3, { host: 'b-1' })], missing: { hosts: { 'b-1': 'host b-1 is away' } } },
    verdict: 'owned',
    because: /stays for now: host b-1 is away/,
  },
  {
    it: 'what may have been on any host stays noted while one does not say what it has',
    world: { notes: [note(WEB_3, {})], missing: { hosts: { 'b-1': 'host b-1 is away' } } },
    verdict: 'owned',
    because: /stays for now: host b-1 is away/,
  },
  {
    it: 'whether a teardown runs is not known: nothing is decided',
    world: { found: [found(WEB_3)], revisions: [revision({ teardown: 'unanswered' })] },
    verdict: 'owned',
    because: /stays for now: Temporal does not say/,
  },
  {
    it: 'a teardown that was terminated is reported first',
    world: { found: [found(WEB_3)], revisions: [revision({})] },
    verdict: 'condemned',
    because: /r3 is retired, and no workflow takes its stack down/,
    dueAt: at(10),
  },
  {
    it: 'a teardown that was terminated is begun again when it was seen so twice',
    world: {
      found: [found(WEB_3)],
      revisions: [revision({})],
      notes: [note(WEB_3, { reason: 'teardown', foundAt: at(-15) })],
    },
    verdict: 'reaping',
    act: 'teardown',
    because: /no workflow takes its stack down/,
  },
  {
    it: 'a stack on record as quarantined is taken down again even if nothing of it is found',
    world: {
      revisions: [revision({ isQuarantined: true })],
      notes: [note(WEB_3, { reason: 'teardown', foundAt: at(-15) })],
    },
    verdict: 'reaping',
    act: 'teardown',
    because: /no workflow takes its stack down/,
  },
  {
    it: 'a lease in force owns its stack',
    world: { found: [found(VARIANT)], leases: [lease({})] },
    verdict: 'owned',
    because: /nightly\/production@7 goes on until/,
  },
  {
    it: 'whether a lease has an owner is not known: nothing is decided',
    world: { found: [found(VARIANT)], leases: [lease({ owner: 'unanswered' })] },
    verdict: 'owned',
    because: /Temporal does not say whether nightly\/production@7 goes on/,
  },
  {
    it: 'a lease whose workflow is gone is reported first',
    world: { leases: [lease({ owner: 'gone' })] },
    verdict: 'condemned',
    because: /the workflow of nightly\/production@7 is gone/,
    dueAt: at(10),
  },
  {
    it: 'a lease whose workflow is gone is destroyed when it was seen so twice',
    world: { leases: [lease({ owner: 'gone' })], notes: [note(VARIANT, { reason: 'lease-owner', foundAt: at(-15) })] },
    verdict: 'reaping',
    act: 'reap',
    because: /is gone/,
  },
  {
    it: 'past its deadline a lease has a short grace',
    world: {
      leases: [lease({ deadlineAt: at(-14) })],
      notes: [note(VARIANT, { reason: 'lease-over', foundAt: at(-13) })],
    },
    verdict: 'condemned',
    because: /its lease was over at/,
    dueAt: at(1),
  },
  {
    it: 'past its deadline and the grace it is destroyed, even while its workflow runs',
    world: {
      leases: [lease({ deadlineAt: at(-15) })],
      notes: [note(VARIANT, { reason: 'lease-over', foundAt: at(-13) })],
    },
    verdict: 'reaping',
    act: 'reap',
    because: /its lease was over at/,
  },
  {
    it: 'what nobody knows is destroyed after the grace',
    world: { found: [found(WEB_3)], notes: [note(WEB_3, { foundAt: at(-600) })] },
    verdict: 'reaping',
    act: 'reap',
    because: /nobody knows it, by its name one of web\/production r3/,
  },
  {
    it: 'what nobody knows stays until the grace is over',
    world: { found: [found(WEB_3)], notes: [note(WEB_3, { foundAt: at(-599) })] },
    verdict: 'condemned',
    because: /nobody knows it/,
    dueAt: at(1),
  },
  {
    it: 'a clock that was set back makes nobody wait for longer than the grace',
    world: { found: [found(WEB_3)], notes: [note(WEB_3, { foundAt: at(9_000) })] },
    verdict: 'condemned',
    because: /nobody knows it/,
    dueAt: at(600),
  },
  {
    it: 'without a grace it is destroyed at the first look',
    world: { found: [found(WEB_3)] },
    policy: { skipGrace: true },
    verdict: 'reaping',
    act: 'reap',
    because: /nobody knows it/,
  },
  {
    it: 'what another installation may have made is for a person',
    world: { found: [found(WEB_3, { reach: 'shared', isOurs: false })] },
    policy: { skipGrace: true },
    verdict: 'given-up',
    because: /another installation may own it/,
  },
  {
    it: 'what has traffic is for a person, although nobody knows it',
    world: { found: [found(WEB_3, { traffic: 'some' })], notes: [note(WEB_3, { foundAt: at(-900) })] },
    policy: { skipGrace: true },
    verdict: 'given-up',
    because: /another store, or an old backup/,
  },
  {
    it: 'what may have traffic is left alone, although nobody knows it',
    world: { found: [found(WEB_3, { traffic: 'unanswered' })], notes: [note(WEB_3, { foundAt: at(-900) })] },
    policy: { skipGrace: true },
    verdict: 'owned',
    because: /the router does not say/,
  },
  {
    it: 'what services share is nobody’s to destroy',
    world: { found: [found({ project: 'production', stack: 'environment-production-r0' })] },
    policy: { skipGrace: true },
    verdict: 'owned',
    because: /services share it/,
  },
  {
    it: 'without the record nothing is decided',
    world: { found: [found(WEB_3)], notes: [note(WEB_3, { foundAt: at(-900) })], missing: { record: 'it is locked' } },
    policy: { skipGrace: true },
    verdict: 'owned',
    because: /whose it is cannot be told: it is locked/,
  },
  {
    it: 'what could not be looked for is remembered',
    world: { notes: [note(WEB_3, { reach: 'shared', foundAt: at(-900) })], missing: { shared: 'AWS does not answer' } },
    verdict: 'owned',
    because: /AWS does not answer/,
  },
  {
    it: 'while it is destroyed it is not destroyed again',
    world: {
      found: [found(WEB_3)],
      notes: [note(WEB_3, { foundAt: at(-900), attempts: 1, triedAt: at(-60), dueAt: at(-30), reaping: 'running' })],
    },
    policy: { skipGrace: true },
    verdict: 'reaping',
    because: /nobody knows it/,
  },
  {
    it: 'an attempt that came to nothing is made again when it is due',
    world: {
      found: [found(WEB_3)],
      notes: [note(WEB_3, { foundAt: at(-900), attempts: 2, triedAt: at(-60), dueAt: at(0) })],
    },
    verdict: 'reaping',
    act: 'reap',
    because: /nobody knows it/,
  },
  {
    it: 'and not before',
    world: {
      found: [found(WEB_3)],
      notes: [note(WEB_3, { foundAt: at(-900), attempts: 2, triedAt: at(-60), dueAt: at(1) })],
    },
    verdict: 'reaping',
    because: /nobody knows it/,
    dueAt: at(1),
  },
  {
    it: 'after eight attempts it is left to a person',
    world: {
      found: [found(WEB_3)],
      notes: [note(WEB_3, { foundAt: at(-900), attempts: 8, triedAt: at(-60), dueAt: at(-30), lastError: 'in use' })],
    },
    verdict: 'given-up',
    because: /nobody knows it/,
  },
  {
    it: 'who asks for it has it tried once more',
    world: {
      found: [found(WEB_3)],
      notes: [note(WEB_3, { foundAt: at(-900), attempts: 8, triedAt: at(-60), dueAt: at(900) })],
    },
    policy: { skipGrace: true },
    verdict: 'reaping',
    act: 'reap',
    because: /nobody knows it/,
  },
];

describe('what the reaper decides, rule by rule', () => {
  for (const row of TABLE) {
    it(row.it, () => {
      const decision = decide(row.world, row.policy);
      assert.equal(decision.verdict, row.verdict);
      assert.equal(decision.act, row.act);
      assert.match(decision.because, row.because);
      assert.equal(decision.dueAt, row.dueAt);
    });
  }

  it('notes on which host a stack was found last, and has it destroyed there', () => {
    const before = note(WEB_3, { host: 'a-1', foundAt: at(-900) });
    const due = decide({ found: [found(WEB_3, { host: 'b-1' })], notes: [before] });
    assert.deepEqual([due.act, due.note?.host], ['reap', 'b-1']);
    assert.equal(decide({ found: [found(WEB_3)], notes: [before] }).note?.host, undefined);
  });

  it('forgets what was on a host that says it is gone, whatever others say', () => {
    const missing = { hosts: { 'b-1': 'away' } };
    assert.deepEqual(decideReaping(world({ notes: [note(WEB_3, { host: 'a-1' })], missing }), NOW, DEFAULT_POLICY), []);
  });

  it('forgets what is gone', () => {
    assert.deepEqual(decideReaping(world({ notes: [note(WEB_3, {})] }), NOW, DEFAULT_POLICY), []);
  });

  it('says what it gave up with, and what a person can do', () => {
    const notes = [note(WEB_3, { attempts: 8, lastError: 'it is in use' })];
    const { lastError, suggestion, attempts, note: kept } = decide({ found: [found(WEB_3)], notes });
    assert.equal(lastError, 'it is in use');
    assert.match(suggestion ?? '', /supplant reaper run --skip-grace/);
    assert.equal(attempts, 8);
    assert.equal(kept?.givenUpAt, at(0));
  });

  it('begins anew at the next look what it was to destroy where no workflow has begun to', () => {
    const before = [note(VARIANT, { reason: 'lease-owner', foundAt: at(-30) })];
    const some = { found: [found(VARIANT)], leases: [lease({ owner: 'gone' })] };
    const first = decide({ ...some, notes: before });
    assert.equal(first.act, 'reap');
    const notes = [{ ...first.note!, reaping: 'gone' as const }];
    const again = decide({ ...some, notes });
    assert.equal(again.act, 'reap');
    assert.equal(again.attempts, 2);
  });

  it('pauses between attempts at a teardown for half a minute first, and for an hour at most', () => {
    const pauses = [0, 1, 2, 7, 12].map((attempts) => {
      const tried = { foundAt: at(-900), attempts, triedAt: at(-60), dueAt: at(0) };
      const notes = [note(WEB_3, { reason: 'teardown', ...tried })];
      const { note: next } = decide({ found: [found(WEB_3)], revisions: [revision({})], notes }, { attempts: 99 });
      return (Date.parse(next?.dueAt ?? '') - NOW.getTime()) / 1_000;
    });
    assert.deepEqual(pauses, [30, 60, 120, 3_600, 3_600]);
  });

  it('begins again to wait where the reason is another one', () => {
    const notes = [note(WEB_3, { reason: 'unknown', foundAt: at(-900), attempts: 3 })];
    const decision = decide({ found: [found(WEB_3)], revisions: [revision({})], notes });
    assert.equal(decision.verdict, 'condemned');
    assert.equal(decision.note?.attempts, 0);
    assert.equal(decision.foundAt, at(0));
  });

  it('destroys at most as many at once as it may, the oldest first', () => {
    const ids = [1, 2, 3, 4].map((n) => ({ project: 'production', stack: `web-production-r${n}` }));
    const notes = ids.map((id, index) => note(id, { foundAt: at(-900 - index) }));
    const decisions = decideReaping(world({ found: ids.map((id) => found(id)), notes }), NOW, {
      ...DEFAULT_POLICY,
      atOnce: 2,
    });
    assert.deepEqual(
      decisions.map(({ act, attempts }) => [act, attempts]),
      [
        [undefined, 0],
        [undefined, 0],
        ['reap', 1],
        ['reap', 1],
      ],
    );
    assert.equal(decisions[0]?.note?.attempts, 0);
  });
});

describe('names of stacks', () => {
  it('are read as they are written, for every service and revision', () => {
    const name = fc.stringMatching(NAME);
    const number = fc.integer({ min: 1, max: 999_999_999 });
    fc.assert(
      fc.property(name, name, number, (service, environment, revision) => {
        const key = { name: service, environment };
        assert.deepEqual(parseStackName(environment, formatStackName(key, revision)), { service: key, revision });
      }),
    );
  });

  it('are of no service where the project, the number or the name is not one', () => {
    const others = ['web-test-r1', 'web-production-r0', 'web-production-r01', 'web-production', '-production-r1'];
    for (const stack of others) assert.equal(parseStackName('production', stack), undefined, stack);
  });
});
