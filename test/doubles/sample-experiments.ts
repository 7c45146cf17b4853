import type { ExperimentSpec } from '../../src/domain/experiment/experiment.ts';
import type { LatencySummary, LoadMeasurement } from '../../src/domain/experiment/measurement.ts';
import {
  RUN_PHASES,
  type RunPhase,
  type RunPhaseStatus,
  type RunResults,
  type RunStatus,
  type RunVariant,
} from '../../src/domain/experiment/run.ts';
import { LOAD_DEFAULTS, LOAD_STATUS } from '../../src/domain/experiment/probe.ts';
import type { ExperimentView, RunView } from '../../src/domain/experiment/view.ts';
import type { ReaperReport } from '../../src/domain/reaper/finding.ts';
import { DEFAULT_CHECKS } from '../../src/config/manifest/defaults.ts';
import { secondsAgo, SERVICE } from './sample-views.ts';

export const EXPERIMENT = { name: 'nightly', environment: 'production' };

export const EXPERIMENT_SPEC: ExperimentSpec = {
  experiment: EXPERIMENT,
  variants: [
    { name: 'blue', source: { kind: 'like', service: SERVICE } },
    {
      name: 'cached',
      source: {
        kind: 'like',
        service: SERVICE,
        revision: 16,
        patch: { blueprint: { config: { env: { CACHE: 'on' } } } },
      },
    },
  ],
  probes: [
    { kind: 'load', name: 'front', rate: 50, forMs: 120_000, ...LOAD_DEFAULTS, status: [...LOAD_STATUS] },
    { kind: 'check', name: 'answers', check: DEFAULT_CHECKS[0]! },
  ],
  compare: { baseline: 'blue', confidence: 0.95, tolerance: 0.05 },
  schedule: { cron: ['0 2 * * *'], timeZone: 'Europe/Berlin', jitterMs: 300_000 },
  ttlMs: 3_600_000,
  stay: 'until-probed',
  overlap: 'skip',
  budget: { stacks: 4, stackHoursPerDay: 8 },
  keepMs: 720 * 3_600_000,
};

function phases(until: RunPhase, state: 'running' | 'failed' | 'done', notes: Partial<Record<RunPhase, string>> = {}) {
  let at = 96;
  const last = RUN_PHASES.indexOf(until);
  return RUN_PHASES.map((phase, index): RunPhaseStatus => {
    const note = notes[phase] === undefined ? {} : { note: notes[phase] };
    if (index > last) return { phase, state: 'pending', ...note };
    const startedAt = secondsAgo(at);
    at -= 12;
    const own = index === last ? state : 'done';
    return { phase, state: own, startedAt, ...(own === 'running' ? {} : { endedAt: secondsAgo(at) }), ...note };
  });
}

const VARIANTS: RunVariant[] = [
  {
    name: 'blue',
    artifact: 'npm:http-server@14.1.1',
    blueprint: 'local-process',
    like: { service: SERVICE, revision: 17 },
    endpoints: [{ host: '127.0.0.1', port: 43_211 }],
    address: { host: '127.0.0.1', port: 8_090 },
    state: 'ready',
  },
  {
    name: 'cached',
    artifact: 'npm:http-server@14.1.0',
    blueprint: 'local-process',
    like: { service: SERVICE, revision: 16 },
    endpoints: [{ host: '127.0.0.1', port: 43_212 }],
    state: 'ready',
  },
];

const gone = VARIANTS.map(({ address: _, ...variant }): RunVariant => ({ ...variant, endpoints: [], state: 'gone' }));

function runView(status: Partial<RunStatus>, sentences: string[] = []): RunView {
  return {
    status: {
      experiment: EXPERIMENT,
      run: 12,
      trigger: 'schedule',
      actor: 'schedule',
      startedAt: secondsAgo(96),
      deadlineAt: secondsAgo(96 - 3_600),
      phase: 'probe',
      phases: phases('probe', 'running', {
        lease: '2 stacks, until 15:58:24',
        provision: '2 stacks',
        probe: 'front: 24s of 2m, 2,400 requests',
      }),
      variants: VARIANTS,
      ...status,
    },
    sentences,
    uiLink: 'http://127.0.0.1:8233/namespaces/default/workflows/experiment%2Fnightly%2Fproduction%2Fat',
  };
}

export const PROBING: RunView = runView(
  {
    wait: {
      on: 'probe front, which sends 50 requests a second to 2 variants for 2m',
      since: secondsAgo(24),
      until: secondsAgo(-98),
      endedBy: 'its end; supplant experiment stop',
      then: 'the variants are compared and destroyed',
    },
  },
  [
    'Run nightly/production@12, asked for by its schedule, is in phase probe.',
    'It waits for probe front until 15:01:38.',
  ],
);

const PROVISIONING = runView({
  phase: 'provision',
  phases: phases('provision', 'running'),
  variants: VARIANTS.map(({ address: _, ...variant }) => ({ ...variant, endpoints: [], state: 'provisioning' })),
});

export const SUCCEEDED_RUN: RunView = runView({
  phase: 'destroy',
  phases: phases('destroy', 'done', { compare: '1 difference', hold: 'not asked for', destroy: '2 stacks' }),
  variants: gone,
  outcome: 'succeeded',
  endedAt: secondsAgo(12),
});

export const FAILED_RUN: RunView = runView({
  run: 11,
  trigger: 'person',
  actor: 'ada@laptop',
  reason: 'try the cache',
  phase: 'destroy',
  phases: phases('validate', 'failed', { validate: 'cached: answers failed' }),
  variants: gone,
  outcome: 'failed',
  because:
    'cached did not become healthy: GET http://127.0.0.1:43212/ answered 500 (Internal Server Error), wanted 200-208',
  endedAt: secondsAgo(40),
});

export const SKIPPED_RUN: RunView = runView({
  run: 10,
  phases: [],
  variants: [],
  outcome: 'skipped',
  because: 'its budget of 8 stack-hours a day is spent: 7.2 are used, and it would need 2',
  startedAt: secondsAgo(86_400),
  endedAt: secondsAgo(86_400),
});

/** One look after the other. */
export const RUN_LOOKS: RunView[] = [PROVISIONING, PROBING, SUCCEEDED_RUN];

function view(more: Partial<ExperimentView>): ExperimentView {
  const nextRuns = [secondsAgo(-39_600), secondsAgo(-126_000)];
  return { spec: EXPERIMENT_SPEC, nextRuns, openRuns: [], warnings: [], ...more };
}

export const RUNNING_EXPERIMENT = view({ openRuns: [PROBING], lastRun: FAILED_RUN });
export const IDLE_EXPERIMENT = view({ lastRun: SUCCEEDED_RUN });
export const PAUSED_EXPERIMENT: ExperimentView = {
  spec: {
    experiment: { name: 'preview', environment: 'staging' },
    variants: [
      {
        name: 'change',
        source: {
          kind: 'release',
          artifact: 'dir:/srv/app',
          blueprint: { name: 'local-process', config: {} },
        },
      },
    ],
    probes: [],
    schedule: {
      calendar: [{ hour: [8, 20], dayOfWeek: [1, 2, 3, 4, 5] }],
      every: { everyMs: 21_600_000, offsetMs: 0 },
    },
    ttlMs: 28_800_000,
    stay: 'until-ttl',
    overlap: 'replace',
    budget: {},
    keepMs: 86_400_000,
    addresses: { change: 8_090 },
  },
  paused: { by: 'ada@laptop', at: secondsAgo(7_200), reason: 'the database moves' },
  nextRuns: [secondsAgo(-3_600)],
  openRuns: [],
  warnings: ['Temporal has no schedule for it; it is made again within a minute'],
};

const LATENCY: LatencySummary = {
  ...{ count: 5_988, min: 0.8, mean: 3.9, p50: 3.1, p90: 6.2, p95: 8.4, p99: 21.3, p999: 88.2, max: 1_204.8 },
};

function load(variant: string, more: Partial<LoadMeasurement>): LoadMeasurement {
  return {
    kind: 'load',
    variant,
    probe: 'front',
    from: secondsAgo(140),
    to: secondsAgo(20),
    requests: 6_000,
    errors: 0,
    errorKinds: [],
    late: 0,
    latency: LATENCY,
    samples: [3.1, 2.9, 4.4, 21.3],
    ...more,
  };
}

export const RESULTS: RunResults = {
  experiment: EXPERIMENT,
  run: 12,
  keptUntil: secondsAgo(-30 * 86_400),
  measurements: [
    load('blue', {}),
    load('cached', {
      errors: 12,
      errorKinds: [
        { what: 'status 503', count: 9 },
        { what: 'no answer in 5000 ms', count: 3 },
      ],
      late: 40,
      latency: { ...LATENCY, p50: 1.2, p90: 2.2, p95: 3, p99: 9.8, p999: 40.1, max: 210.2 },
    }),
    {
      ...{ kind: 'check', variant: 'blue', probe: 'answers', verdict: 'pass', attempts: 3, passed: 3 },
      ...{ evidence: 'GET http://127.0.0.1:43211/ answered 200 in 3 ms', from: secondsAgo(19), to: secondsAgo(18) },
    },
    {
      ...{ kind: 'check', variant: 'cached', probe: 'answers', verdict: 'inconclusive', attempts: 0, passed: 0 },
      ...{ evidence: 'there was no process to ask', from: secondsAgo(19), to: secondsAgo(18) },
    },
  ],
  comparisons: [
    {
      ...{ probe: 'front', variant: 'cached', baseline: 'blue', figure: 'latency' },
      test: 'Mann–Whitney, Hodges–Lehmann interval',
      ...{ baselineValue: 3.1, variantValue: 1.2, difference: { estimate: -1.8, low: -1.9, high: -1.7 } },
      ...{ confidence: 0.95, counts: { baseline: 2_000, variant: 2_000 }, verdict: 'lower' },
      words: 'cached answers 1.8 ms faster than blue (95 % interval 1.7 to 1.9 ms).',
    },
    {
      ...{ probe: 'front', variant: 'cached', baseline: 'blue', figure: 'errors' },
      test: 'two proportions, Newcombe interval',
      ...{ baselineValue: 0, variantValue: 0.002, difference: { estimate: 0.002, low: 0.0009, high: 0.0035 } },
      ...{ confidence: 0.95, counts: { baseline: 6_000, variant: 6_000 }, verdict: 'undecided' },
      words: 'No difference in errors between cached and blue can be told.',
    },
  ],
};

export const REPORT: ReaperReport = {
  owned: 7,
  lookedAt: secondsAgo(40),
  nextLookAt: secondsAgo(-20),
  findings: [
    {
      ...{ project: 'production', stack: 'nightly--blue-production-r9', verdict: 'condemned', attempts: 0 },
      owner: 'nightly/production@9',
      because: 'the workflow that looked after it was terminated',
      ...{ foundAt: secondsAgo(100), dueAt: secondsAgo(-200) },
    },
    {
      ...{ project: 'production', stack: 'web-production-r3', verdict: 'given-up', attempts: 12 },
      because: 'no revision of web/production is r3, and no teardown looks after it',
      foundAt: secondsAgo(86_400),
      lastError: 'the process 4711 does not end: it hangs in the kernel',
      suggestion: 'end the process 4711 by hand, then type: supplant reaper run',
    },
    {
      ...{ project: 'staging', stack: 'shop-staging-r2', verdict: 'reaping', attempts: 1 },
      because: 'its lease was over 10m ago',
      ...{ foundAt: secondsAgo(700), dueAt: secondsAgo(-5) },
    },
    {
      project: 'production',
      stack: 'web-production-r17',
      verdict: 'owned',
      because: 'it is live',
      attempts: 0,
      owner: 'web/production r17',
    },
  ],
};
