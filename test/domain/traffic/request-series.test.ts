import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type RequestSeries,
  addSeries,
  estimatePercentile,
  subtractSeries,
} from '../../../src/domain/traffic/request-series.ts';

const BOUNDS = [10, 20, 50, 100];

const series = (requests: number, errors: number, counts: number[]): RequestSeries => ({
  ...{ requests, errors, unanswered: 0 },
  latency: { boundsMs: BOUNDS, counts },
});

describe('the series of a revision', () => {
  const earlier = series(10, 2, [10, 0, 0, 0, 0]);
  const later = series(25, 5, [15, 5, 0, 3, 2]);

  it('has between two readings what the later one has more', () => {
    assert.deepEqual(subtractSeries(later, earlier), series(15, 3, [5, 5, 0, 3, 2]));
    assert.deepEqual(subtractSeries(later, undefined), later);
  });

  it('has all of the later reading where its router has begun afresh', () => {
    assert.deepEqual(subtractSeries(earlier, later), earlier);
  });

  it('has over two spans what it has in both', () => {
    assert.deepEqual(addSeries(subtractSeries(later, earlier), earlier), later);
    assert.deepEqual(addSeries(later, undefined), later);
    const plain = { requests: 1, errors: 1 };
    assert.deepEqual(addSeries(plain, plain), { requests: 2, errors: 2 });
  });
});

describe('a percentile of latencies in buckets', () => {
  const cases: [what: string, counts: number[], percent: number, wanted: number | undefined][] = [
    ['of none', [0, 0, 0, 0, 0], 99, undefined],
    ['in the first bucket', [100, 0, 0, 0, 0], 50, 5],
    ['at the end of a bucket', [50, 50, 0, 0, 0], 50, 10],
    ['in a later bucket, after an empty one', [50, 0, 50, 0, 0], 75, 35],
    ['above the last bound', [1, 0, 0, 0, 99], 95, 100],
    ['of all', [0, 10, 0, 0, 0], 100, 20],
  ];
  for (const [what, counts, percent, wanted] of cases) {
    it(`is ${wanted} ${what}`, () => {
      assert.equal(estimatePercentile({ boundsMs: BOUNDS, counts }, percent), wanted);
    });
  }

  it('lies in the bucket that the true one lies in', () => {
    const some = fc.array(fc.double({ min: 0.01, max: 99, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(some, fc.constantFrom(50, 90, 95, 99), (latencies, percent) => {
        const bucketOf = (ms: number): number => BOUNDS.findIndex((bound) => ms <= bound);
        const counts = BOUNDS.map((_, index) => latencies.filter((ms) => bucketOf(ms) === index).length);
        const estimated = estimatePercentile({ boundsMs: BOUNDS, counts: [...counts, 0] }, percent) ?? NaN;
        const rank = Math.ceil((percent / 100) * latencies.length);
        const exact = latencies.toSorted((one, other) => one - other)[rank - 1] ?? NaN;
        assert.equal(bucketOf(estimated), bucketOf(exact));
      }),
    );
  });
});
