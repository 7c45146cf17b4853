import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  findExpired,
  type RevisionSet,
  type DeployedRevision,
  promoteRevision,
  type ActiveRevision,
  withoutRevisions,
} from '../../../src/domain/service/revision-set.ts';
import { revision, someDate, someRevisionSet, someRetention } from '../arbitrary.ts';

const NOW = new Date('2026-01-02T03:04:05.678Z');

const EARLIER = '2026-01-01T00:00:00.000Z';

const HOUR = 3_600_000;

const WARM_FOR_AN_HOUR = '2026-01-02T04:04:05.678Z';

function place(number: number): DeployedRevision {
  return { revision: revision(number), endpoints: [{ host: '127.0.0.1', port: 4000 + number }] };
}

function standing(number: number, warmUntil?: string): ActiveRevision {
  return { ...place(number), since: EARLIER, ...(warmUntil === undefined ? {} : { warmUntil }) };
}

const numbers = (standings: readonly { revision: { number: number } }[]): number[] =>
  standings.map((each) => each.revision.number);

const standingNumbers = ({ live, warm }: RevisionSet): number[] => numbers([...(live ? [live] : []), ...warm]);

describe('promoting a revision', () => {
  const cases: {
    what: string;
    live?: number;
    warm: number[];
    next: number;
    keep: number;
    then: number[];
    retire: number[];
  }[] = [
    { what: 'the first of all', warm: [], next: 1, keep: 1, then: [], retire: [] },
    { what: 'the second: the first stays warm', live: 1, warm: [], next: 2, keep: 1, then: [1], retire: [] },
    { what: 'the third: the first has to go', live: 2, warm: [1], next: 3, keep: 1, then: [2], retire: [1] },
    { what: 'none kept warm: the live one has to go', live: 1, warm: [], next: 2, keep: 0, then: [], retire: [1] },
    {
      what: 'fewer kept than before: oldest goes first',
      live: 5,
      warm: [4, 3, 2],
      next: 6,
      keep: 2,
      then: [5, 4],
      retire: [2, 3],
    },
    { what: 'a rollback to a warm one', live: 3, warm: [2, 1], next: 2, keep: 2, then: [3, 1], retire: [] },
    { what: 'a rollback to the oldest, one kept', live: 3, warm: [2, 1], next: 1, keep: 1, then: [3], retire: [2] },
    { what: 'the live one again', live: 3, warm: [2], next: 3, keep: 1, then: [2], retire: [] },
    { what: 'onto warm ones without a live one', warm: [2, 1], next: 3, keep: 2, then: [2, 1], retire: [] },
  ];
  for (const { what, live, warm, next, keep, then, retire } of cases) {
    it(what, () => {
      const before = {
        ...(live === undefined ? {} : { live: standing(live) }),
        warm: warm.map((each) => standing(each)),
      };
      const after = promoteRevision(before, place(next), { warm: keep, warmForMs: HOUR }, NOW);
      assert.equal(after.revisionSet.live?.revision.number, next);
      assert.deepEqual(numbers(after.revisionSet.warm), then);
      assert.deepEqual(numbers(after.retire), retire);
    });
  }

  it('dates the new live one and the one it replaces, and leaves those that were warm as they were', () => {
    const before = { live: standing(2), warm: [standing(1, WARM_FOR_AN_HOUR)] };
    const { revisionSet } = promoteRevision(before, place(3), { warm: 2, warmForMs: HOUR }, NOW);
    assert.deepEqual(revisionSet, {
      live: { ...place(3), since: NOW.toISOString() },
      warm: [{ ...standing(2), since: NOW.toISOString(), warmUntil: WARM_FOR_AN_HOUR }, standing(1, WARM_FOR_AN_HOUR)],
    });
  });

  it('lets a revision that is live again have no end', () => {
    const before = { live: standing(2), warm: [standing(1, WARM_FOR_AN_HOUR)] };
    const again = before.warm[0]!;
    assert.equal(
      promoteRevision(before, again, { warm: 1, warmForMs: HOUR }, NOW).revisionSet.live?.warmUntil,
      undefined,
    );
  });

  it('keeps or retires each that stood, exactly once, and never retires the live one', () =>
    fc.assert(
      fc.property(
        someRevisionSet,
        fc.integer({ min: 1, max: 25 }),
        someRetention,
        someDate,
        (before, next, retention, now) => {
          const { revisionSet, retire } = promoteRevision(before, place(next), retention, now);
          const stood = new Set([...standingNumbers(before), next]);
          const accounted = [...standingNumbers(revisionSet), ...numbers(retire)];
          assert.deepEqual(
            accounted.toSorted((a, b) => a - b),
            [...stood].sort((a, b) => a - b),
          );
          assert.equal(revisionSet.live?.revision.number, next);
          assert.ok(!numbers(retire).includes(next));
          assert.ok(revisionSet.warm.length <= retention.warm);
          assert.ok(
            retire.length === 0 || revisionSet.warm.length === retention.warm,
            'retires only what retention does not cover',
          );
        },
      ),
    ));

  it('keeps the most recently live first, and retires the oldest first', () =>
    fc.assert(
      fc.property(
        someRevisionSet,
        fc.integer({ min: 1, max: 25 }),
        someRetention,
        someDate,
        (before, next, retention, now) => {
          const { revisionSet, retire } = promoteRevision(before, place(next), retention, now);
          const expected = standingNumbers(before).filter((number) => number !== next);
          assert.deepEqual([...numbers(revisionSet.warm), ...numbers(retire).reverse()], expected);
        },
      ),
    ));

  it('changes nothing it was given', () =>
    fc.assert(
      fc.property(someRevisionSet, someRetention, someDate, (before, retention, now) => {
        const copy = structuredClone(before);
        promoteRevision(before, place(25), retention, now);
        assert.deepEqual(before, copy);
      }),
    ));

  it('goes back and forth between two revisions without retiring either', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), someRetention, (times, retention) => {
        fc.pre(retention.warm >= 1);
        let revisionSet: RevisionSet = { live: standing(1), warm: [standing(2)] };
        for (let time = 0; time < times; time += 1) {
          const after = promoteRevision(revisionSet, revisionSet.warm[0]!, retention, NOW);
          assert.deepEqual(after.retire, []);
          revisionSet = after.revisionSet;
        }
        assert.deepEqual(standingNumbers(revisionSet), times % 2 === 0 ? [1, 2] : [2, 1]);
      }),
    ));
});

describe('what is no longer kept warm', () => {
  it('is what has reached its end, and nothing that has none', () => {
    const at = (millis: number): string => new Date(NOW.getTime() + millis).toISOString();
    const revisionSet = {
      live: standing(9, at(-HOUR)),
      warm: [standing(4, at(1)), standing(3, at(0)), standing(2, at(-1)), standing(1)],
    };
    assert.deepEqual(numbers(findExpired(revisionSet, NOW)), [3, 2]);
  });

  it('is nothing before the time that retention says, and the replaced revision from then on', () =>
    fc.assert(
      fc.property(someRetention, someDate, fc.integer({ min: 0, max: HOUR }), (retention, now, later) => {
        fc.pre(retention.warm >= 1);
        const { revisionSet } = promoteRevision({ live: standing(1), warm: [] }, place(2), retention, now);
        const end = now.getTime() + retention.warmForMs;
        assert.deepEqual(findExpired(revisionSet, new Date(end - 1)), []);
        assert.deepEqual(numbers(findExpired(revisionSet, new Date(end + later))), [1]);
      }),
    ));

  it('leaves the revision set, in which the others and the live one stay as they are', () =>
    fc.assert(
      fc.property(someRevisionSet, fc.array(fc.integer({ min: 1, max: 20 })), (revisionSet, gone) => {
        const left = withoutRevisions(revisionSet, gone);
        assert.deepEqual(left.live, revisionSet.live);
        assert.deepEqual(
          left.warm,
          revisionSet.warm.filter((each) => !gone.includes(each.revision.number)),
        );
      }),
    ));
});
