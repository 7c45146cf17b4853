import assert from 'node:assert/strict';
import { compareVariants } from '../../../src/domain/experiment/compare.ts';
import type { CompareSpec } from '../../../src/domain/experiment/experiment.ts';
import type { CheckMeasurement, Comparison, LoadMeasurement } from '../../../src/domain/experiment/measurement.ts';
import { createGenerator } from '../../../src/domain/statistics/generator.ts';

const SPEC: CompareSpec = { baseline: 'baseline', confidence: 0.95, tolerance: 0.05 };

function load(variant: string, samples: number[], more: Partial<LoadMeasurement> = {}): LoadMeasurement {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const latency = {
    ...{ count: samples.length, min: at(0), mean: 0, p50: at(0.5), p90: at(0.9) },
    ...{ p95: at(0.95), p99: at(0.99), p999: at(0.999), max: at(1) },
  };
  return {
    ...{ kind: 'load', variant, probe: 'load', from: '2026-11-29T02:00:00.000Z', to: '2026-11-29T02:10:00.000Z' },
    ...{ requests: 1000, errors: 0, errorKinds: [], late: 0, samples },
    ...(samples.length === 0 ? {} : { latency }),
    ...more,
  };
}

/** Around `middle`, from half of it to one and a half. */
function spread(middle: number, count = 500, seed = 1): number[] {
  const draw = createGenerator(seed);
  return Array.from({ length: count }, () => middle * (0.5 + draw()));
}

function compare(spec: CompareSpec, ...measurements: LoadMeasurement[]): Comparison[] {
  return compareVariants(spec, measurements);
}

function figure(of: 'latency' | 'errors', comparisons: Comparison[]): Comparison {
  const found = comparisons.find(({ figure }) => figure === of);
  assert.ok(found, `there is no comparison of ${of}`);
  return found;
}

describe('variants held against the baseline', () => {
  it('are higher where the interval is clear of 0, in a sentence', () => {
    const samples = spread(12);
    const baseline = load('baseline', samples);
    const candidate = load(
      'candidate',
      spread(12, 500, 2).map((value) => value + 4),
    );
    const latency = figure('latency', compare(SPEC, baseline, candidate));
    assert.equal(latency.verdict, 'higher');
    assert.ok(latency.difference.low > 2.5 && latency.difference.high < 5.5);
    assert.match(
      latency.words,
      /^load: latency of candidate is \d\.\d+ ms \(\d\.\d+ to \d\.\d+\) higher than baseline's 1\d\.\d ms \(95 % sure\)$/,
    );
    assert.deepEqual(latency.counts, { baseline: 500, variant: 500 });
  });

  it('are lower with the same figures where they are swapped', () => {
    const [one, other] = [spread(20, 400, 3), spread(12, 600, 4)];
    const higher = figure('latency', compare(SPEC, load('baseline', other), load('candidate', one)));
    const lower = figure('latency', compare(SPEC, load('baseline', one), load('candidate', other)));
    assert.deepEqual([higher.verdict, lower.verdict], ['higher', 'lower']);
    assert.equal(lower.difference.low, -higher.difference.high);
    assert.match(
      lower.words,
      /^load: latency of candidate is 8\.\d+ ms \(7\.\d+ to \d\.\d+\) lower than baseline's 2\d\.\d ms/,
    );
  });

  it('are undecided where they differ in nothing, or in less than the tolerance', () => {
    const constant = new Array<number>(200).fill(10);
    const same = figure('latency', compare(SPEC, load('baseline', constant), load('candidate', constant)));
    assert.equal(same.verdict, 'undecided');
    assert.equal(
      same.words,
      "load: latency of candidate is not told from baseline's 10.0 ms: the difference is between 0 and 0 ms (95 % sure)",
    );
    const slower = constant.map(() => 10.4);
    const little = figure('latency', compare(SPEC, load('baseline', constant), load('candidate', slower)));
    assert.equal(little.verdict, 'undecided');
    assert.match(
      little.words,
      /0\.40 ms \(0\.40 to 0\.40\) from baseline's 10\.0 ms, less than the 0\.50 ms that would count/,
    );
    const enough = constant.map(() => 10.5);
    assert.equal(
      figure('latency', compare(SPEC, load('baseline', constant), load('candidate', enough))).verdict,
      'higher',
    );
  });

  it('are undecided where too little was measured, which is said', () => {
    const [few, many] = [load('baseline', spread(1, 99)), load('candidate', spread(50))];
    const latency = figure('latency', compare(SPEC, few, many));
    assert.equal(latency.verdict, 'undecided');
    assert.ok(latency.difference.low > 0);
    assert.match(
      latency.words,
      /cannot be held against baseline's: of baseline, 99 latencies were measured, and 100 are needed/,
    );
    assert.equal(
      figure('latency', compare(SPEC, load('baseline', spread(1, 100)), many)).verdict,
      'higher',
      'a hundred is enough',
    );
  });

  it('are undecided where one answered nothing', () => {
    const dead = load('candidate', [], { errors: 1000, errorKinds: [{ what: 'connection refused', count: 1000 }] });
    const both = compare(SPEC, load('baseline', spread(12)), dead);
    assert.equal(figure('latency', both).verdict, 'undecided');
    assert.deepEqual(figure('latency', both).difference, { estimate: 0, low: 0, high: 0 });
    assert.equal(figure('errors', both).verdict, 'higher');
  });

  it('are undecided where the machine that probes was too busy', () => {
    const late = load('candidate', spread(30), { late: 11 });
    const latency = figure('latency', compare(SPEC, load('baseline', spread(12)), late));
    assert.equal(latency.verdict, 'undecided');
    assert.match(latency.words, /11 of 1000 requests to candidate were sent late$/);
    const hardly = load('candidate', spread(30), { late: 10 });
    assert.equal(figure('latency', compare(SPEC, load('baseline', spread(12)), hardly)).verdict, 'higher');
  });

  it('have more errors where the interval is clear of 0 and the difference counts', () => {
    const errors = (ours: number, theirs: number, requests = 10_000): Comparison =>
      figure(
        'errors',
        compare(
          SPEC,
          load('baseline', spread(12), { errors: theirs, requests }),
          load('candidate', spread(12), { errors: ours, requests }),
        ),
      );
    assert.equal(errors(0, 0).verdict, 'undecided');
    assert.equal(errors(12, 0).verdict, 'higher');
    assert.equal(errors(9, 0).verdict, 'undecided', 'below 0.1 percentage points');
    assert.equal(errors(2, 0, 100).verdict, 'undecided', 'two of a hundred may be chance');
    assert.equal(errors(50, 250).verdict, 'lower');
    assert.equal(
      errors(250, 50).words,
      "load: errors of candidate are 2.00 percentage points (1.67 to 2.35) higher than baseline's 0.500 % (95 % sure)",
    );
  });

  it('are compared by the probes that were chosen, as they were measured last', () => {
    const check: CheckMeasurement = {
      ...{ kind: 'check', variant: 'candidate', probe: 'answers', verdict: 'pass', attempts: 1, passed: 1 },
      ...{ evidence: '', from: '', to: '' },
    };
    const [a, b] = [load('baseline', spread(12)), load('candidate', spread(12, 500, 2))];
    const other = [a, b].map((one) => ({ ...one, probe: 'burst' }));
    const again = load('candidate', spread(60));
    const all = compareVariants(SPEC, [check, a, b, ...other, again]);
    assert.deepEqual(
      all.map(({ probe, figure, verdict }) => [probe, figure, verdict]),
      [
        ['load', 'latency', 'higher'],
        ['load', 'errors', 'undecided'],
        ['burst', 'latency', 'undecided'],
        ['burst', 'errors', 'undecided'],
      ],
    );
    assert.equal(compareVariants({ ...SPEC, probes: ['burst'] }, [a, b, ...other]).length, 2);
    assert.deepEqual(compareVariants({ ...SPEC, baseline: 'gone' }, [a, b]), []);
    assert.deepEqual(compareVariants(SPEC, [b]), []);
  });

  it('are called different by chance in 5 of 100 at most', () => {
    const alarms = { latency: 0, errors: 0 };
    const rounds = 200;
    for (let round = 0; round < rounds; round += 1) {
      const draw = createGenerator(round);
      const sample = (): number[] => Array.from({ length: 150 }, () => -10 * Math.log(1 - draw()));
      const errors = (): number => sample().filter((value) => value > 40).length;
      const spec = { ...SPEC, tolerance: 0 };
      const [a, b] = [
        load('baseline', sample(), { errors: errors() }),
        load('candidate', sample(), { errors: errors() }),
      ];
      for (const { figure, verdict } of compare(spec, a, b)) if (verdict !== 'undecided') alarms[figure] += 1;
    }
    // 5 % are 10, and more than 18 have a chance of 0.5 %; the seeds make it none.
    assert.ok(alarms.latency <= 18 && alarms.errors <= 18, `${alarms.latency} and ${alarms.errors} of ${rounds}`);
  });
});
