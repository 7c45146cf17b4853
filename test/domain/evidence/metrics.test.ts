import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RESTARTS, ROUTE, UNANSWERED, judgeCounts } from '../../../src/domain/evidence/bake-counts.ts';
import {
  type AlarmReading,
  type MetricReading,
  judgeAlarm,
  judgeEarlyReading,
  judgeReading,
} from '../../../src/domain/evidence/metrics.ts';

const WINDOW = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:10:00.000Z' };

describe('what a number says of a revision', () => {
  const reading = (value: number | undefined, samples: number): MetricReading => ({
    ...WINDOW,
    samples,
    source: 'errors',
    ...(value === undefined ? {} : { value }),
  });
  const limit = { atLeast: 1, atMost: 5, leastSamples: 10 };
  const cases: [what: string, given: MetricReading, verdict: string][] = [
    ['within its limit', reading(5, 10), 'pass'],
    ['above it', reading(5.1, 10), 'fail'],
    ['below it', reading(0.9, 10), 'fail'],
    ['of too few samples', reading(3, 9), 'inconclusive'],
    ['of too few samples, and beyond', reading(9, 9), 'inconclusive'],
    ['that is missing', reading(undefined, 0), 'inconclusive'],
    ['that is missing, though there are samples', reading(undefined, 10), 'inconclusive'],
  ];
  for (const [what, given, verdict] of cases) {
    it(`is ${verdict} for one ${what}, of that window and those samples`, () => {
      const judged = judgeReading('errors', 2, given, limit);
      assert.equal(judged.verdict, verdict, judged.evidence);
      assert.deepEqual(
        [judged.revision, judged.attempts, judged.from, judged.to],
        [2, given.samples, ...Object.values(WINDOW)],
      );
    });
  }

  it('is, before the bake is over, nothing but that it is above its limit', () => {
    const early = cases.map(([what, given]) => [what, judgeEarlyReading('errors', 2, given, limit)?.verdict]);
    assert.deepEqual(
      early.filter(([, verdict]) => verdict !== undefined),
      [['above it', 'fail']],
    );
    assert.equal(judgeEarlyReading('requests', 2, reading(0, 10), { atLeast: 1, leastSamples: 1 }), undefined);
  });
});

describe('what an alarm says of a revision', () => {
  const cases: [given: Omit<AlarmReading, 'name' | 'reason'>, verdict: string][] = [
    [{ state: 'ok' }, 'pass'],
    [{ state: 'alarm' }, 'fail'],
    [{ state: 'unknown' }, 'inconclusive'],
    [{ state: 'ok', wentOffAt: WINDOW.from }, 'fail'],
    [{ state: 'unknown', wentOffAt: WINDOW.from }, 'fail'],
  ];
  for (const [given, verdict] of cases) {
    it(`is ${verdict} for ${JSON.stringify(given)}`, () => {
      assert.equal(judgeAlarm(2, { name: 'slow', reason: 'as it is', ...given }, WINDOW).verdict, verdict);
    });
  }
});

describe('what a router that counts nothing says of a revision', () => {
  it('is nothing about requests; the rest is judged as ever', () => {
    const checks = judgeCounts(2, { isUncounted: true, restarts: 0 }, WINDOW).map(({ check }) => check);
    assert.deepEqual(checks, [RESTARTS]);
    assert.deepEqual(
      judgeCounts(2, {}, WINDOW).map(({ check, verdict }) => [check, verdict]),
      [[UNANSWERED, 'inconclusive']],
    );
  });

  it('is a failure where somebody else changed the weights meanwhile', () => {
    const [verdict] = judgeCounts(2, { isUncounted: true, changedByOthers: 'from r1=0 to r1=50' }, WINDOW);
    assert.deepEqual([verdict?.check, verdict?.verdict, verdict?.evidence], [ROUTE, 'fail', 'from r1=0 to r1=50']);
  });
});
