import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { renderRouteMap } from '../../../src/routing/haproxy/route-map.ts';
import { EMPTY_TALLY, addTallies, assignSlots, formatSlot, subtractTally } from '../../../src/routing/haproxy/slots.ts';

const NOTHING_BEFORE = EMPTY_TALLY;
const slots = (...revisions: number[]) => assignSlots([], revisions, () => NOTHING_BEFORE);
const wanted = (...weights: number[]) => ({
  revisions: weights.map((weight, index) => ({ revision: index + 1, weight, servers: [] })),
  refusal: 'nobody is there',
});

/** The backends of a round, in their order. */
const roundOf = (map: string): string[] =>
  map.split('\n').flatMap((line) => (/^\d+ /.test(line) ? [line.replace(/^\d+ /, '')] : []));

describe('the map of a route', () => {
  it('gives each percent one request of a round, spread out over it', () => {
    const round = roundOf(renderRouteMap(wanted(75, 25), slots(1, 2)));
    assert.equal(round.length, 100);
    for (let at = 0; at < 100; at += 4) {
      assert.equal(round.slice(at, at + 4).filter((backend) => backend === 'slot-02').length, 1);
    }
  });

  it('is exact whatever the weights are', () => {
    const someWeights = fc
      .uniqueArray(fc.integer({ min: 0, max: 100 }), { maxLength: 5 })
      .map((cuts) => [0, ...cuts.toSorted((one, other) => one - other), 100])
      .map((cuts) => cuts.slice(1).map((cut, index) => cut - (cuts[index] ?? 0)));
    fc.assert(
      fc.property(someWeights, (weights) => {
        const round = roundOf(renderRouteMap(wanted(...weights), slots(...weights.map((_, index) => index + 1))));
        for (const [index, weight] of weights.entries()) {
          assert.equal(round.filter((backend) => backend === formatSlot(index + 1)).length, weight);
        }
      }),
    );
  });

  it('leads nowhere where nobody has any weight, and says why, on one line', () => {
    const map = renderRouteMap({ ...wanted(0), refusal: 'it "goes",\nfor good' }, slots(1));
    assert.equal(map, String.raw`refusal {"error":"it \"goes\",\nfor good"}` + '\n');
  });
});

describe('slots', () => {
  it('are kept by who has them; who comes gets the first free one, with what was counted in it before', () => {
    const held = [{ revision: 7, number: 2, before: { served: 3, failed: 1, answered: 2, errors: 1 } }];
    const tallyOf = (number: number) => ({
      served: number * 10,
      failed: number,
      answered: number * 9,
      errors: number + 1,
    });
    assert.deepEqual(assignSlots(held, [7, 8, 9], tallyOf), [
      ...held,
      { revision: 8, number: 1, before: { served: 10, failed: 1, answered: 9, errors: 2 } },
      { revision: 9, number: 3, before: { served: 30, failed: 3, answered: 27, errors: 4 } },
    ]);
  });

  it('have the latencies that were counted since, and none where some were not measured', () => {
    const [before, now] = [
      { ...EMPTY_TALLY, latencies: [1, 0, 2] },
      { ...EMPTY_TALLY, latencies: [4, 1, 2] },
    ];
    assert.deepEqual(subtractTally(now, before).latencies, [3, 1, 0]);
    assert.deepEqual(subtractTally(now, EMPTY_TALLY).latencies, [4, 1, 2]);
    assert.deepEqual(addTallies(EMPTY_TALLY, now).latencies, [4, 1, 2]);
    const { latencies: _none, ...unmeasured } = EMPTY_TALLY;
    assert.equal(addTallies(now, unmeasured).latencies, undefined);
  });

  it('are limited, which is said with the figure', () => {
    const many = Array.from({ length: 33 }, (_, index) => index + 1);
    assert.throws(() => slots(...many), /room for 32 revisions of a service, and r33 is one more/);
  });
});
