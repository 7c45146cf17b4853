import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LoadCounts, latencyOf } from '../../demo/load-counts.ts';

describe("the demo's load counts", () => {
  it('counts each request once, by who answered and by what went wrong', () => {
    const counts = new LoadCounts(1000);
    for (let sent = 0; sent < 4; sent += 1) counts.sent();
    counts.answered('14.1.0', 70, 3);
    counts.answered('14.1.0', 60, 5);
    counts.answered('14.1.1', 80, 1);
    counts.failedWith('answered 502', new Date(0), 9);
    const report = counts.report(3000, true);
    assert.equal(report.total, 4);
    assert.equal(report.failed, 1);
    assert.equal(report.perSecond, 2);
    assert.deepEqual(report.answers, {
      '14.1.0': { count: 2, lastSentAt: 70 },
      '14.1.1': { count: 1, lastSentAt: 80 },
    });
    assert.deepEqual(report.failures, [{ what: 'answered 502', count: 1, firstAt: '1970-01-01T00:00:00.000Z' }]);
    assert.deepEqual(report.latency, { p50: 3, p99: 9, max: 9 });
  });

  it('tells the rate and latency since the last report', () => {
    const counts = new LoadCounts(0);
    counts.sent();
    counts.answered('1', 0, 500);
    counts.report(1000, false);
    counts.sent();
    counts.sent();
    counts.answered('1', 0, 7);
    assert.deepEqual(counts.report(2000, false).recent, { perSecond: 2, p99: 7 });
  });

  it('has no rate before any time has passed', () => {
    assert.equal(new LoadCounts(5).report(5, true).perSecond, 0);
  });

  it('takes percentiles that were measured, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 1 }), (values) => {
        const { p50, p99, max } = latencyOf(values);
        assert.ok(p50 <= p99 && p99 <= max);
        assert.equal(max, Math.max(...values));
        assert.ok(values.includes(p50) && values.includes(p99));
        assert.ok(values.filter((value) => value <= p50).length >= values.length / 2);
      }),
    );
    assert.deepEqual(latencyOf([]), { p50: 0, p99: 0, max: 0 });
  });
});
