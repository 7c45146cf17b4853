import assert from 'node:assert/strict';
import { Outages } from './outages.ts';

const failure = (from: number, to: number) => ({ from, to, error: 'reset' });

describe('outages', () => {
  it('excuse what was in flight when they began, and what failed until the first success after them', () => {
    const outages = new Outages();
    const before = performance.now();
    const outage = outages.begin('router killed');
    outages.failed(failure(before - 5, outage.from + 1));
    outages.over(outage);
    outages.failed(failure(outage.ready!, outage.ready!));
    outages.succeeded(outage.ready! - 1);
    assert.equal(outage.to, undefined);
    outages.succeeded(outage.ready!);
    assert.deepEqual(outages.unexcused, []);
    assert.equal(outages.excused, 2);
  });

  it('excuse nothing before or after them', () => {
    const outages = new Outages();
    outages.failed(failure(performance.now() - 2, performance.now() - 1));
    const outage = outages.begin('router killed');
    outages.over(outage);
    outages.succeeded(outage.ready! + 1);
    outages.failed(failure(outage.to! + 1_000, outage.to! + 1_001));
    assert.equal(outages.unexcused.length, 2);
    assert.equal(outages.excused, 0);
  });
});
