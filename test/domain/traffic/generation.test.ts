import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  MOST_SERVICE_WRITES,
  computeRolloutGeneration,
  readRolloutWrite,
  computeServiceGeneration,
} from '../../../src/domain/traffic/generation.ts';

describe('generations', () => {
  it('of a rollout, of its service after it, and of the next rollout follow each other', () => {
    const all = [
      ...[computeRolloutGeneration(1, 1), computeRolloutGeneration(1, 499)],
      ...[computeServiceGeneration(1, 0), computeServiceGeneration(1, 499), computeRolloutGeneration(2, 1)],
    ];
    assert.deepEqual(all, [1001, 1499, 1500, 1999, 2001]);
  });

  it("are refused beyond their half: one would take another one's", () => {
    for (const write of [0, 500, 1.5, -1]) assert.throws(() => computeRolloutGeneration(1, write), RangeError);
    for (const write of [500, -1, Number.NaN]) assert.throws(() => computeServiceGeneration(1, write), RangeError);
  });

  const rollout = fc.integer({ min: 1, max: 1e9 });
  const write = fc.record({
    isService: fc.boolean(),
    rollout,
    number: fc.integer({ min: 1, max: MOST_SERVICE_WRITES }),
  });
  type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;
  const generationOf = (each: Write): number =>
    (each.isService ? computeServiceGeneration : computeRolloutGeneration)(each.rollout, each.number);

  it('rise with the rollout, then from the rollout to its service, then with the write', () =>
    fc.assert(
      fc.property(write, write, (one, other) => {
        const order =
          Math.sign(one.rollout - other.rollout) ||
          Math.sign(Number(one.isService) - Number(other.isService)) ||
          Math.sign(one.number - other.number);
        assert.equal(Math.sign(generationOf(one) - generationOf(other)), order);
      }),
    ));

  it('are known again as the write of their rollout, and of no other', () =>
    fc.assert(
      fc.property(write, rollout, (each, another) => {
        const found = readRolloutWrite(each.rollout, generationOf(each));
        assert.equal(found, each.isService ? undefined : each.number);
        if (another !== each.rollout) assert.equal(readRolloutWrite(another, generationOf(each)), undefined);
      }),
    ));
});
