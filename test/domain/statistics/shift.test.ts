import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createGenerator } from '../../../src/domain/statistics/generator.ts';
import { normalQuantile } from '../../../src/domain/statistics/normal.ts';
import { selectDifference } from '../../../src/domain/statistics/pairwise-differences.ts';
import { estimateSerialInflation } from '../../../src/domain/statistics/serial.ts';
import { estimateShift, type Interval } from '../../../src/domain/statistics/shift.ts';
import { OZONE, PERMEABILITY } from './oracles.ts';

/** Eighths: differences of them are exact. */
const values = fc.array(
  fc.integer({ min: -400, max: 400 }).map((number) => number / 8),
  { minLength: 1, maxLength: 40 },
);

function assertClose(found: Interval, wanted: Interval): void {
  for (const key of ['estimate', 'low', 'high'] as const) {
    assert.ok(Math.abs(found[key] - wanted[key]) < 1e-9, `${key} is ${found[key]}, wanted ${wanted[key]}`);
  }
}

describe('quantiles of the normal distribution', () => {
  // qnorm of R 4.2.2.
  const rows: [number, number][] = [
    [0.975, 1.95996398454005],
    [0.95, 1.64485362695147],
    [0.995, 2.5758293035489],
    [0.5, 0],
    [0.0001, -3.71901648545568],
    [1e-20, -9.26234008979841],
  ];
  for (const [share, quantile] of rows) {
    it(`is ${quantile} for ${share}`, () => assert.ok(Math.abs(normalQuantile(share) - quantile) < 1e-12));
  }
});

describe('a difference among all differences', () => {
  it('is the one that sorting finds', () => {
    fc.assert(
      fc.property(values, values, fc.nat(), (x, y, some) => {
        const [one, other] = [x, y].map((of) => of.toSorted((a, b) => a - b)) as [number[], number[]];
        const all = x.flatMap((a) => y.map((b) => a - b)).sort((a, b) => a - b);
        const rank = 1 + (some % all.length);
        assert.equal(selectDifference(one, other, rank) === all[rank - 1], true);
      }),
    );
  });
});

describe('the shift between two samples', () => {
  // wilcox.test(x, y, conf.int = TRUE, conf.level = …) of R 4.2.2, which is exact here.
  const rows: [confidence: number, low: number, high: number][] = [
    [0.8, -0.05, 0.7],
    [0.9, -0.08, 0.72],
    [0.95, -0.15, 0.76],
    [0.99, -0.35, 1.01],
  ];
  for (const [confidence, low, high] of rows) {
    it(`is that of Hollander and Wolfe's permeabilities with a confidence of ${confidence}`, () => {
      assertClose(estimateShift(PERMEABILITY.term, PERMEABILITY.weeks, confidence), { estimate: 0.305, low, high });
    });
  }

  it('is that of a sample without an overlap', () => {
    assert.deepEqual(estimateShift([10, 20, 30, 40], [1, 2, 3, 4], 0.95), { estimate: 22.5, low: 6, high: 39 });
  });

  it('is that of ozone in May and August, whose ties R takes for an approximation', () => {
    assert.deepEqual(estimateShift(OZONE.may, OZONE.august, 0.95), { estimate: -32, low: -53, high: -15 });
  });

  it('takes constants as they are', () => {
    const constant = (value: number): number[] => new Array<number>(2000).fill(value);
    assert.deepEqual(estimateShift(constant(5), constant(5), 0.95), { estimate: 0, low: 0, high: 0 });
    assert.deepEqual(estimateShift(constant(6.5), constant(5), 0.95), { estimate: 1.5, low: 1.5, high: 1.5 });
    assert.deepEqual(estimateShift([7], [5], 0.95), { estimate: 2, low: 2, high: 2 });
  });

  it('changes its sign where the samples are swapped', () => {
    fc.assert(
      fc.property(values, values, (x, y) => {
        const { estimate, low, high } = estimateShift(x, y, 0.95);
        assertClose(estimateShift(y, x, 0.95), { estimate: -estimate, low: -high, high: -low });
      }),
    );
  });

  it('moves with a sample that is moved', () => {
    fc.assert(
      fc.property(values, values, fc.integer({ min: -1000, max: 1000 }), (x, y, by) => {
        const { estimate, low, high } = estimateShift(x, y, 0.95);
        const moved = x.map((value) => value + by);
        assertClose(estimateShift(moved, y, 0.95), { estimate: estimate + by, low: low + by, high: high + by });
      }),
    );
  });
});

describe('intervals of a shift, simulated', () => {
  const draw = createGenerator(42);
  const noise = (): number => normalQuantile(draw() || 0.5);

  /** In how many of `rounds` the interval holds the shift that the samples were made with. */
  function countCovered(rounds: number, make: () => number[], shift: number): number {
    let covered = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { low, high } = estimateShift(
        make().map((value) => value + shift),
        make(),
        0.95,
      );
      if (low <= shift && shift <= high) covered += 1;
    }
    return covered;
  }

  // Of 400 rounds of 95 %, fewer than 368 have a chance of 0.5 %; the seed makes it none.
  it('hold the true shift of latencies with a long tail in 95 of 100', () => {
    const covered = countCovered(400, () => Array.from({ length: 120 }, () => 10 * Math.exp(noise())), 3);
    assert.ok(covered >= 368 && covered <= 394, `${covered} of 400`);
  });

  it('hold the shift of small samples', () => {
    const covered = countCovered(1000, () => Array.from({ length: 12 }, noise), 0);
    assert.ok(covered >= 935 && covered <= 985, `${covered} of 1000`);
  });

  it('hold it where a value hangs together with the one before', () => {
    const chained = (): number[] => {
      let last = noise();
      return Array.from({ length: 600 }, () => Math.exp((last = 0.7 * last + Math.sqrt(1 - 0.49) * noise()) / 2));
    };
    const covered = countCovered(100, chained, 1);
    // Without the inflation it is 60 of 100.
    assert.ok(covered >= 87, `${covered} of 100`);
    const inflation = estimateSerialInflation(chained());
    assert.ok(inflation > 2.5 && inflation < 10, `inflation ${inflation}`);
  });
});
