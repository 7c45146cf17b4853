import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MOST_SAMPLES } from '../../../src/domain/experiment/measurement.ts';
import { describeFailure, ErrorKinds, MOST_KINDS } from '../../../src/evidence/load/error-kinds.ts';
import { chooseEvenly, EvenSample } from '../../../src/evidence/load/even-sample.ts';
import { Latencies, MOST_EXACT } from '../../../src/evidence/load/latencies.ts';
import { LoadTally } from '../../../src/evidence/load/tally.ts';
import { PROBE } from './services.ts';

describe('quantiles of latencies', () => {
  it('are exact, by the nearest rank', () => {
    const latencies = new Latencies(1000);
    for (let ms = 1000; ms >= 1; ms -= 1) latencies.record(ms / 4);
    assert.deepEqual(latencies.summarize(), {
      ...{ count: 1000, min: 0.25, mean: 125.125, p50: 125, p90: 225, p95: 237.5, p99: 247.5, p999: 249.75, max: 250 },
    });
  });

  it('are those of what came, where less came than was to', () => {
    const latencies = new Latencies(20);
    assert.equal(latencies.summarize(), undefined);
    latencies.record(7);
    const { count, p50, p999 } = latencies.summarize() ?? {};
    assert.deepEqual([count, p50, p999], [1, 7, 7]);
  });

  it('are at most 0.1 % off where there are too many to keep', () => {
    const count = MOST_EXACT + 1;
    const latencies = new Latencies(count);
    const valueAt = (place: number): number => 0.05 * 1.0001 ** place;
    for (let place = 0; place < count; place += 1) latencies.record(valueAt((place * 7919) % count));
    const found = latencies.summarize();
    assert.ok(found);
    const wanted = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 };
    for (const [name, share] of Object.entries(wanted) as [keyof typeof wanted, number][]) {
      const exact = valueAt(Math.ceil(share * count) - 1);
      // One rank is 0.01 % here.
      assert.ok(Math.abs(found[name] / exact - 1) < 0.0012, `${name} is ${found[name]}, wanted ${exact}`);
    }
    assert.deepEqual([found.count, found.min, found.max], [count, valueAt(0), valueAt(count - 1)]);
  });
});

describe('an even sample', () => {
  it('takes one out of each stretch, whatever the number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 300 }), (count, most) => {
        const chosen = [...chooseEvenly(count, most)];
        assert.equal(chosen.length, Math.min(count, most));
        for (const [stretch, index] of chosen.entries()) {
          assert.equal(Math.floor((index * chosen.length) / count), stretch);
        }
        const sample = new EvenSample(count, most);
        for (let index = count - 1; index >= 0; index -= 1) sample.offer(index, index);
        assert.deepEqual(sample.list(), chosen);
      }),
    );
  });

  it('is not all of one endpoint', () => {
    const odd = [...chooseEvenly(20_000, MOST_SAMPLES)].filter((index) => index % 2 === 1).length;
    assert.ok(odd > 800 && odd < 1200, `${odd} of ${MOST_SAMPLES}`);
  });

  it('leaves out what was not answered', () => {
    const sample = new EvenSample(3, 10);
    sample.offer(2, 30);
    sample.offer(0, 10);
    assert.deepEqual(sample.list(), [10, 30]);
  });
});

describe('kinds of errors', () => {
  it('are at most ten, which add up', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 400, max: 699 }), { maxLength: 400 }), (statuses) => {
        const kinds = new ErrorKinds();
        for (const status of statuses) kinds.add(`status ${status}`);
        const list = kinds.list();
        assert.ok(list.length <= MOST_KINDS);
        assert.equal(
          list.reduce((sum, { count }) => sum + count, 0),
          statuses.length,
        );
        const counts = list.filter(({ what }) => what !== 'other errors').map(({ count }) => count);
        assert.deepEqual(
          counts,
          counts.toSorted((one, other) => other - one),
        );
      }),
    );
  });

  it('are the same for the same reason', () => {
    const failure = (code: string): string =>
      describeFailure(Object.assign(new Error('connect E 127.0.0.1:41234'), { code }));
    assert.equal(failure('ECONNREFUSED'), 'connection refused');
    assert.equal(failure('ECONNRESET'), failure('UND_ERR_SOCKET'));
    assert.equal(describeFailure(new Error('odd')), 'odd');
    assert.equal(failure('E_ODD'), 'failed with E_ODD');
  });
});

describe('a tally', () => {
  const answered = { kind: 'answered', status: 200 } as const;

  it('counts a latency from the moment at which a request was to be sent', () => {
    const tally = new LoadTally(PROBE, 3);
    const sendings = [
      // The grain of the timer is nobody's fault.
      { index: 0, due: 100, sent: 100.6 },
      { index: 1, due: 105, sent: 135 },
      { index: 2, due: 110, sent: 120 },
    ];
    for (const sending of sendings) tally.send(sending);
    for (const sending of sendings) tally.end(sending, 150, answered);
    const { samples, late } = tally.measurement('candidate', new Date(0), new Date(1));
    assert.deepEqual(samples, [49.4, 44, 39]);
    assert.equal(late, 1);
  });
});
