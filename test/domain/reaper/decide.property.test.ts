import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type Decision, decideReaping } from '../../../src/domain/reaper/decide.ts';
import { DEFAULT_POLICY as DEFAULTS, type StackName, type World } from '../../../src/domain/reaper/facts.ts';
import { NOW, policies, worlds } from './worlds.ts';

const WORLDS = 10_000;

/** Everything that must be left alone, in the words of the promise and none of the code's. */
function mustStay({ project, stack }: StackName, { revisions, leases, missing }: World): string | undefined {
  const is = (each: StackName): boolean => each.project === project && each.stack === stack;
  if (stack.endsWith('-r0')) return 'services share it';
  if (missing.record !== undefined) return 'the record could not be read';
  for (const each of revisions.filter(is)) {
    if (['live', 'warm', 'ready', 'provisioning'].includes(each.state)) return `a ${each.state} revision owns it`;
    if (each.openRollout !== undefined) return 'a rollout works with it';
    if (each.teardown === 'running') return 'a workflow takes it down already';
    if (each.teardown === 'unanswered') return 'nobody knows whether a workflow takes it down';
  }
  for (const each of leases.filter(is)) {
    const isInForce = new Date(each.deadlineAt) > NOW;
    if (isInForce && each.owner === 'running') return 'a lease in force owns it';
    if (isInForce && each.owner === 'unanswered') return 'nobody knows whether its lease is in force';
  }
  return undefined;
}

function isAgainst({ verdict, act }: Decision): boolean {
  return verdict !== 'owned' || act !== undefined;
}

function owned({ revisions, leases }: World, { project, stack }: StackName): boolean {
  return [...revisions, ...leases].some((each) => each.project === project && each.stack === stack);
}

function nameOf({ project, stack }: StackName): string {
  return `${project} ${stack}`;
}

function names(of: readonly StackName[]): string[] {
  return of.map(nameOf);
}

describe('what the reaper decides, in 10,000 random worlds', () => {
  it('never condemns what has an owner, or may have one', () => {
    fc.assert(
      fc.property(worlds, policies, (world, policy) => {
        for (const decision of decideReaping(world, NOW, policy).filter(isAgainst)) {
          assert.equal(mustStay(decision, world), undefined, `${decision.stack} is ${decision.verdict}`);
        }
      }),
      { numRuns: WORLDS },
    );
  });

  it('destroys only what was reported before, and is there or has a lease, unless it was told to skip the grace', () => {
    fc.assert(
      fc.property(worlds, policies, (world, policy) => {
        for (const decision of decideReaping(world, NOW, policy).filter(({ act }) => act !== undefined)) {
          const is = (each: StackName): boolean => each.project === decision.project && each.stack === decision.stack;
          assert.ok(policy.skipGrace || world.notes.some(is), 'it was not reported before');
          const isThere = world.found.some(is) || world.leases.some(is);
          assert.ok(isThere || world.revisions.some((each) => is(each) && each.isQuarantined), 'nothing is there');
          assert.ok(!world.notes.some((each) => is(each) && each.triedAt && each.reaping !== 'gone'), 'it is reaped');
          const others = world.found.filter((each) => is(each) && (!each.isOurs || each.traffic !== undefined));
          assert.ok(others.length === 0 || owned(world, decision), 'it is foreign, or has traffic');
        }
      }),
      { numRuns: WORLDS / 5 },
    );
  });

  it('says something of everything that was found, once, and destroys no more at once than it may', () => {
    fc.assert(
      fc.property(worlds, policies, (world, policy) => {
        const decisions = decideReaping(world, NOW, policy);
        const told = names(decisions);
        assert.deepEqual(told, [...new Set(told)].sort());
        const there = names([...world.found, ...world.leases]);
        assert.deepEqual(
          there.filter((each) => !told.includes(each)),
          [],
        );
        const running = world.notes.filter(({ reaping }) => reaping === 'running').length;
        const begun = decisions.filter(({ act }) => act !== undefined).length;
        assert.ok(begun === 0 || begun + running <= policy.atOnce, `${begun} are begun beside ${running}`);
      }),
      { numRuns: WORLDS / 5 },
    );
  });

  it('comes to destroy what has no owner for as long as nothing changes, or leaves it to a person', () => {
    fc.assert(
      fc.property(worlds, (given) => {
        const policy = { ...DEFAULTS, atOnce: 100 };
        let world: World = { ...given, missing: {} };
        const open = new Set(names(decideReaping(world, NOW, policy).filter(isAgainst)));
        for (let look = 0; look < 300 && open.size > 0; look += 1) {
          const decisions = decideReaping(world, new Date(NOW.getTime() + look * 15_000), policy);
          for (const each of decisions) if (each.act || each.verdict !== 'condemned') open.delete(nameOf(each));
          const notes = decisions.flatMap(({ note }) => (note ? [{ ...note, reaping: 'gone' as const }] : []));
          world = { ...world, notes };
        }
        assert.deepEqual([...open], []);
      }),
      { numRuns: 1_000 },
    );
  });
});
