import fc from 'fast-check';
import type { ExperimentKey } from '../../../src/domain/experiment/experiment.ts';
import type { Comparison, Measurement } from '../../../src/domain/experiment/measurement.ts';
import {
  RUN_OUTCOMES,
  RUN_PHASES,
  RUN_TRIGGERS,
  type RunResults,
  type RunStatus,
} from '../../../src/domain/experiment/run.ts';
import { someDate, someEndpoint, someService } from '../arbitrary.ts';

const ORDINARY = { noNullPrototype: true } as const;

const shortName = (most: number): fc.Arbitrary<string> =>
  fc.stringMatching(/^[a-z](-?[a-z0-9])*$/).map((name) => name.slice(0, most).replace(/-$/, ''));

export const someExperiment: fc.Arbitrary<ExperimentKey> = fc.record(
  { name: shortName(24), environment: shortName(24) },
  ORDINARY,
);

const time = someDate.map((date) => date.toISOString());
const text = fc.string({ minLength: 1, unit: 'grapheme' });
const number = fc.integer({ min: 1, max: 999_999_999 });
const amount = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0);

const someWait = fc.record(
  { on: text, since: time, until: time, endedBy: text, then: text },
  { requiredKeys: ['on', 'since', 'endedBy', 'then'], ...ORDINARY },
);

export const someRunStatus: fc.Arbitrary<RunStatus> = fc.record(
  {
    experiment: someExperiment,
    run: number,
    trigger: fc.constantFrom(...RUN_TRIGGERS),
    actor: text,
    reason: text,
    startedAt: time,
    deadlineAt: time,
    endedAt: time,
    phase: fc.constantFrom(...RUN_PHASES),
    phases: fc.array(
      fc.record(
        {
          phase: fc.constantFrom(...RUN_PHASES),
          state: fc.constantFrom('pending', 'running', 'done', 'failed', 'skipped'),
          startedAt: time,
          endedAt: time,
          note: text,
        },
        { requiredKeys: ['phase', 'state'], ...ORDINARY },
      ),
      { maxLength: 7 },
    ),
    variants: fc.array(
      fc.record(
        {
          name: shortName(14),
          artifact: text,
          blueprint: shortName(20),
          like: fc.record({ service: someService, revision: number }, ORDINARY),
          endpoints: fc.array(someEndpoint, { maxLength: 2 }),
          address: someEndpoint,
          state: fc.constantFrom('leased', 'provisioning', 'ready', 'destroying', 'gone'),
        },
        { requiredKeys: ['name', 'artifact', 'blueprint', 'endpoints', 'state'], ...ORDINARY },
      ),
      { maxLength: 3 },
    ),
    wait: someWait,
    outcome: fc.constantFrom(...RUN_OUTCOMES),
    because: text,
  },
  {
    requiredKeys: ['experiment', 'run', 'trigger', 'actor', 'startedAt', 'deadlineAt', 'phase', 'phases', 'variants'],
    ...ORDINARY,
  },
);

const someLatency = fc.record(
  {
    ...{ count: number, min: amount, mean: amount, p50: amount, p90: amount },
    ...{ p95: amount, p99: amount, p999: amount, max: amount },
  },
  ORDINARY,
);

const someMeasurement: fc.Arbitrary<Measurement> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('check' as const),
      variant: shortName(14),
      probe: shortName(20),
      verdict: fc.constantFrom('pass', 'fail', 'inconclusive'),
      attempts: number,
      passed: number,
      evidence: text,
      from: time,
      to: time,
    },
    ORDINARY,
  ),
  fc.record(
    {
      kind: fc.constant('load' as const),
      variant: shortName(14),
      probe: shortName(20),
      from: time,
      to: time,
      requests: number,
      errors: number,
      errorKinds: fc.array(fc.record({ what: text, count: number }, ORDINARY), { maxLength: 3 }),
      late: number,
      latency: someLatency,
      samples: fc.array(amount, { maxLength: 5 }),
    },
    {
      requiredKeys: ['kind', 'variant', 'probe', 'from', 'to', 'requests', 'errors', 'errorKinds', 'late', 'samples'],
      ...ORDINARY,
    },
  ),
);

const someComparison: fc.Arbitrary<Comparison> = fc.record(
  {
    probe: shortName(20),
    variant: shortName(14),
    baseline: shortName(14),
    figure: fc.constantFrom('latency', 'errors'),
    test: text,
    baselineValue: amount,
    variantValue: amount,
    difference: fc.record({ estimate: amount, low: amount, high: amount }, ORDINARY),
    confidence: fc.constantFrom(0.9, 0.95),
    counts: fc.record({ baseline: number, variant: number }, ORDINARY),
    verdict: fc.constantFrom('higher', 'lower', 'undecided'),
    words: text,
  },
  ORDINARY,
);

export const someResults: fc.Arbitrary<RunResults> = fc.record(
  {
    experiment: someExperiment,
    run: number,
    measurements: fc.array(someMeasurement, { maxLength: 4 }),
    comparisons: fc.array(someComparison, { maxLength: 3 }),
    keptUntil: time,
  },
  ORDINARY,
);
