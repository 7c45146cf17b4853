import assert from 'node:assert/strict';
import {
  addLatencyLook,
  estimateLookInflation,
  readLatencies,
} from '../../../../src/domain/evidence/judge/latency-spread.ts';
import { createGenerator } from '../../../../src/domain/statistics/generator.ts';
import { BOUNDS_MS } from './samples.ts';

/** Looks of a hundred latencies each; in each of them, all are as many places further on. */
function inflationOf(moods: readonly number[]): number {
  const draw = createGenerator(5);
  const total = { boundsMs: BOUNDS_MS, counts: new Array<number>(BOUNDS_MS.length + 1).fill(0) };
  let spread = { looks: 0, between: 0 };
  for (const mood of moods) {
    const counts = new Array<number>(BOUNDS_MS.length + 1).fill(0);
    for (let request = 0; request < 100; request += 1) {
      const place = mood + Math.floor(draw() * 4);
      counts[place] = (counts[place] ?? 0) + 1;
      total.counts[place] = (total.counts[place] ?? 0) + 1;
    }
    spread = addLatencyLook(spread, { boundsMs: BOUNDS_MS, counts });
  }
  return estimateLookInflation(spread, total);
}

describe('how latencies hang together', () => {
  it('is hardly seen of independent ones', () => {
    const found = inflationOf(new Array<number>(60).fill(2));
    assert.ok(found >= 1 && found < 1.6, `${found}`);
  });

  it('is seen of those that are slow together', () => {
    const found = inflationOf(Array.from({ length: 60 }, (_, look) => (look % 2 === 0 ? 1 : 4)));
    assert.ok(found > 20, `${found}`);
  });

  it('is not told by few looks, nor by constants', () => {
    assert.equal(inflationOf([1, 4, 1, 4]), 1);
    const constant = { boundsMs: [1, 2], counts: [0, 100, 0] };
    assert.equal(estimateLookInflation({ looks: 9, between: 900 }, constant), 1);
  });

  it('is of latencies that are the middles of their buckets, and the last bound beyond it', () => {
    assert.deepEqual(readLatencies({ boundsMs: [1, 3], counts: [5, 6, 7] }), [
      { value: 0.5, count: 5 },
      { value: 2, count: 6 },
      { value: 3, count: 7 },
    ]);
  });
});
