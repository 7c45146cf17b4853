import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Share, Split } from '../../../src/domain/traffic/split.ts';

/** Weights that sum to 100, for revisions 1 … n. */
const shares = (most: number): fc.Arbitrary<Share[]> =>
  fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: most - 1 }).map((cuts) => {
    const edges = [0, ...cuts.toSorted((one, other) => one - other), 100];
    return edges.slice(1).map((edge, index) => ({ revision: index + 1, weight: edge - edges[index]! }));
  });

const two = (weight: number): Share[] => [
  { revision: 1, weight: 100 - weight },
  { revision: 2, weight },
];

function picks(split: Split, count: number): number[] {
  return Array.from({ length: count }, () => split.next()!);
}

function count(picked: readonly number[], revision: number): number {
  return picked.filter((pick) => pick === revision).length;
}

function assertExact(picked: readonly number[], weights: readonly Share[]): void {
  for (let from = 0; from + 100 <= picked.length; from += 1) {
    const window = picked.slice(from, from + 100);
    for (const { revision, weight } of weights)
      assert.equal(count(window, revision), weight, `r${revision} at ${from}`);
  }
}

describe('split', () => {
  it('spreads 5, 1, 1 as nginx does', () => {
    const split = new Split([
      { revision: 1, weight: 5 },
      { revision: 2, weight: 1 },
      { revision: 3, weight: 1 },
    ]);
    assert.deepEqual(picks(split, 7), [1, 1, 2, 1, 3, 1, 1]);
  });

  it('picks nobody when nobody has any weight', () => {
    assert.equal(new Split([]).next(), undefined);
    assert.equal(new Split([{ revision: 1, weight: 0 }]).next(), undefined);
  });

  it('gives each revision exactly its weight in any 100 picks in a row', () => {
    fc.assert(
      fc.property(shares(6), (weights) => {
        assertExact(picks(new Split(weights), 350), weights);
      }),
    );
  });

  it('never picks a revision at weight 0, whatever it was owed before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(shares(4), fc.integer({ min: 1, max: 60 })), { minLength: 2 }), (steps) => {
        const split = new Split([]);
        for (const [weights, requests] of steps) {
          split.reweigh(weights);
          const idle = weights.filter((share) => share.weight === 0).map((share) => share.revision);
          assert.deepEqual(
            picks(split, requests).filter((pick) => idle.includes(pick)),
            [],
          );
        }
      }),
    );
  });

  it('stays exact between two revisions after any change of weights', () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 0, max: 130 }));
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 0, max: 100 }), (steps, last) => {
        const split = new Split(two(50));
        for (const [weight, requests] of steps) {
          split.reweigh(two(weight));
          picks(split, requests);
        }
        split.reweigh(two(last));
        assertExact(picks(split, 250), two(last));
      }),
    );
  });

  it('serves a small share even when the weights change at every request', () => {
    const split = new Split(two(10));
    const picked = Array.from({ length: 1000 }, (_, index) => {
      split.reweigh(two(10 + (index % 2)));
      return split.next()!;
    });
    assert.equal(count(picked, 2), 105);
  });

  it('does not care in which order revisions are listed', () => {
    fc.assert(
      fc.property(shares(5), (weights) => {
        assert.deepEqual(picks(new Split(weights), 100), picks(new Split(weights.toReversed()), 100));
      }),
    );
  });
});
