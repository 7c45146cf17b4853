import type { LatencySummary, LoadMeasurement } from '../../src/domain/experiment/measurement.ts';
import { compareVariants } from '../../src/domain/experiment/compare.ts';
import type { RunResults } from '../../src/domain/experiment/run.ts';
import type { RunView } from '../../src/domain/experiment/view.ts';
import { createGenerator } from '../../src/domain/statistics/generator.ts';
import { normalQuantile } from '../../src/domain/statistics/normal.ts';

const RUN = { experiment: { name: 'nightly', environment: 'production' }, run: 12 };
const [FROM, TO] = ['2026-11-29T02:01:10.000Z', '2026-11-29T02:06:10.000Z'];

/** A long tail, as latencies have. */
function drawLatencies(seed: number, middle: number, count = 600): number[] {
  const draw = createGenerator(seed);
  return Array.from(
    { length: count },
    () => Math.round(middle * Math.exp(0.45 * normalQuantile(draw() || 0.5)) * 1000) / 1000,
  );
}

export function sampleLoad(variant: string, samples: number[], more: Partial<LoadMeasurement> = {}): LoadMeasurement {
  const sorted = samples.toSorted((one, other) => one - other);
  const quantile = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const latency: LatencySummary = {
    ...{ count: samples.length, min: quantile(0), mean: 14, p50: quantile(0.5), p90: quantile(0.9) },
    ...{ p95: quantile(0.95), p99: quantile(0.99), p999: quantile(0.999), max: quantile(1) },
  };
  return {
    ...{ kind: 'load', variant, probe: 'browse', from: FROM, to: TO },
    ...{ requests: 6000, errors: 0, errorKinds: [], late: 0 },
    ...(samples.length === 0 ? {} : { latency }),
    samples,
    ...more,
  };
}

/** A run with two variants: the candidate is slower, and fails at times. */
export function sampleResults(): RunResults {
  const errorKinds = [
    { what: 'status 503', count: 81 },
    { what: 'no answer in 2000 ms', count: 9 },
  ];
  const measurements: RunResults['measurements'] = [
    sampleLoad('baseline', drawLatencies(1, 12.3), { errors: 3, errorKinds: [{ what: 'status 503', count: 3 }] }),
    sampleLoad('candidate', drawLatencies(2, 16.2), { errors: 90, errorKinds, late: 4 }),
    ...(['baseline', 'candidate'] as const).map(
      (variant, place) =>
        ({
          kind: 'check',
          ...{ variant, probe: 'login works', from: FROM, to: TO },
          verdict: place === 0 ? 'pass' : 'fail',
          ...{ attempts: 3, passed: place === 0 ? 3 : 0 },
          evidence:
            place === 0
              ? 'GET http://127.0.0.1:41231/login answered 200 in 9 ms'
              : 'GET http://127.0.0.1:41232/login answered 500, wanted 200; its body: <b>no session</b> & more',
        }) as const,
    ),
  ];
  const comparisons = compareVariants({ baseline: 'baseline', confidence: 0.95, tolerance: 0.05 }, measurements);
  return { ...RUN, measurements, comparisons, keptUntil: '2026-12-29T02:08:00.000Z' };
}

export function sampleRun(): RunView {
  const like = { service: { name: 'web', environment: 'production' }, revision: 7 };
  return {
    status: {
      ...RUN,
      ...{ trigger: 'schedule', actor: 'schedule', startedAt: '2026-11-29T02:00:00.000Z' },
      ...{ deadlineAt: '2026-11-29T03:00:00.000Z', endedAt: '2026-11-29T02:08:00.000Z', phase: 'destroy' },
      phases: [
        { phase: 'lease', state: 'done', startedAt: '2026-11-29T02:00:00.000Z', endedAt: '2026-11-29T02:00:01.000Z' },
        {
          phase: 'provision',
          state: 'done',
          startedAt: '2026-11-29T02:00:01.000Z',
          endedAt: '2026-11-29T02:01:04.000Z',
        },
        {
          phase: 'validate',
          state: 'done',
          startedAt: '2026-11-29T02:01:04.000Z',
          endedAt: '2026-11-29T02:01:10.000Z',
        },
        { phase: 'probe', state: 'done', startedAt: FROM, endedAt: TO },
        { phase: 'compare', state: 'done', startedAt: TO, endedAt: '2026-11-29T02:06:11.000Z' },
        { phase: 'hold', state: 'skipped', note: 'stacks are kept until all is probed' },
        { phase: 'destroy', state: 'done', startedAt: '2026-11-29T02:06:11.000Z', endedAt: '2026-11-29T02:08:00.000Z' },
      ],
      variants: [
        {
          ...{
            name: 'baseline',
            artifact: 'image:registry.example/web@sha256:0f4c2a7d91be',
            blueprint: 'local-process',
          },
          like,
          endpoints: [],
          state: 'gone',
        },
        {
          ...{
            name: 'candidate',
            artifact: 'image:registry.example/web@sha256:77aa01c3e5d2',
            blueprint: 'local-process',
          },
          endpoints: [],
          state: 'gone',
        },
      ],
      outcome: 'failed',
      because: "candidate did not pass check 'login works'",
    },
    sentences: [
      "The run is over: it failed, since candidate did not pass check 'login works'.",
      'Both stacks were destroyed 1 min 49 s after everything was probed.',
    ],
    uiLink: 'http://127.0.0.1:8233/namespaces/default/workflows/experiment%2Fnightly%2Fproduction',
  };
}
