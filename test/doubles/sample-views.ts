import { buildInspectionRule } from '../../src/domain/traffic/cohort.ts';
import type { HistoryView } from '../../src/contract/supplant-client.ts';
import type { RolloutVerdict } from '../../src/domain/evidence/checks.ts';
import { type Phase, PHASES } from '../../src/domain/rollout/rollout.ts';
import type { Revision } from '../../src/domain/service/revision.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import type {
  PhaseState,
  PhaseStatus,
  RevisionStatus,
  RolloutStatus,
  ServiceView,
} from '../../src/domain/rollout/status.ts';
import { DEFAULT_CHECKS, DEFAULT_RETENTION, DEFAULT_STRATEGY } from '../../src/config/manifest/defaults.ts';

export const NOW = new Date(2026, 2, 14, 15, 0, 0);

/** Seconds before {@link NOW}, ISO 8601; negative ones are after it. */
export function secondsAgo(seconds: number): string {
  return new Date(NOW.getTime() - seconds * 1000).toISOString();
}

export const SERVICE = { name: 'web', environment: 'production' };

export const SPEC: ServiceSpec = {
  service: SERVICE,
  artifact: 'npm:http-server@14.1.1',
  blueprint: { name: 'local-process', config: {} },
  router: { kind: 'embedded', port: 8080, drainMs: 30_000 },
  strategy: DEFAULT_STRATEGY,
  checks: DEFAULT_CHECKS,
  retention: DEFAULT_RETENTION,
};

const R16: RevisionStatus = {
  number: 16,
  artifact: 'npm:http-server@14.1.0',
  state: 'live',
  since: secondsAgo(86_400 * 3),
  endpoints: ['http://127.0.0.1:43119'],
};
const R17: RevisionStatus = {
  number: 17,
  artifact: 'npm:http-server@14.1.1',
  state: 'provisioning',
  since: secondsAgo(4),
  endpoints: [],
};

function phases(states: Partial<Record<Phase, PhaseState>>, notes: Partial<Record<Phase, string>> = {}): PhaseStatus[] {
  let at = 14;
  return PHASES.map((phase) => {
    const state = states[phase] ?? 'pending';
    if (state === 'pending' || state === 'skipped')
      return { phase, state, ...(notes[phase] ? { note: notes[phase] } : {}) };
    const startedAt = secondsAgo(at);
    at -= 2;
    return {
      phase,
      state,
      startedAt,
      ...(state === 'running' ? {} : { endedAt: secondsAgo(at) }),
      ...(notes[phase] ? { note: notes[phase] } : {}),
    };
  });
}

const PASSED: RolloutVerdict = {
  check: 'answers',
  phase: 'validate',
  verdict: 'pass',
  revision: 17,
  attempts: 3,
  passed: 3,
  from: secondsAgo(9.9),
  to: secondsAgo(9),
  evidence: 'GET http://127.0.0.1:43121/ answered 200 in 3 ms',
};
const FAILED: RolloutVerdict = {
  check: 'answers',
  phase: 'validate',
  verdict: 'fail',
  revision: 17,
  attempts: 24,
  passed: 0,
  from: secondsAgo(70),
  to: secondsAgo(10),
  evidence:
    'GET http://127.0.0.1:43121/healthz answered 500 (Internal Server Error: the database at db.internal.example refused the connection), wanted 200',
};

const NOTES = {
  plan: 'r17 takes the place of r16',
  provision: '1 process on 127.0.0.1:43121',
  validate: '1 of 1 checks passed',
  shift: '100 % to r17',
};

export const BAKING: RolloutStatus = {
  service: SERVICE,
  number: 12,
  kind: 'deploy',
  revision: 17,
  previous: 16,
  artifact: 'npm:http-server@14.1.1',
  actor: 'ada@laptop',
  reason: 'security fix',
  phase: 'bake',
  phases: phases(
    { plan: 'done', provision: 'done', validate: 'done', shift: 'done', bake: 'running' },
    { ...NOTES, bake: '12 looks, all well' },
  ),
  steps: [{ number: 1, weight: 100, bakeMs: 10_000, state: 'running', startedAt: secondsAgo(8) }],
  startedAt: secondsAgo(14),
  wait: {
    on: 'the end of the bake',
    since: secondsAgo(6),
    until: secondsAgo(-4),
    endedBy: 'time, or supplant promote web/production',
    then: 'r17 stays live and r16 is kept warm',
  },
  paused: false,
  verdicts: [PASSED],
  quarantined: [],
};

const { wait: _wait, ...OVER } = BAKING;

export const SUCCEEDED: RolloutStatus = {
  ...OVER,
  phase: 'teardown',
  phases: phases(
    {
      plan: 'done',
      provision: 'done',
      validate: 'done',
      shift: 'done',
      bake: 'done',
      settle: 'done',
      teardown: 'skipped',
    },
    { ...NOTES, bake: 'healthy for 2s', settle: 'r16 is kept warm for 1h' },
  ),
  steps: [
    {
      ...{ number: 1, weight: 100, bakeMs: 10_000, state: 'done' },
      ...{ startedAt: secondsAgo(8), endedAt: secondsAgo(4), note: '1 check passed' },
    },
  ],
  endedAt: secondsAgo(2),
  outcome: 'succeeded',
};

export const REFUSED: RolloutStatus = {
  ...OVER,
  phase: 'teardown',
  phases: phases(
    {
      plan: 'done',
      provision: 'done',
      validate: 'failed',
      shift: 'skipped',
      bake: 'skipped',
      settle: 'skipped',
      teardown: 'done',
    },
    { ...NOTES, validate: '0 of 1 checks passed', shift: 'not reached', teardown: 'web-production-r17 is destroyed' },
  ),
  steps: [{ number: 1, weight: 100, bakeMs: 10_000, state: 'skipped', note: 'not reached' }],
  startedAt: secondsAgo(80),
  endedAt: secondsAgo(5),
  outcome: 'failed',
  because: 'check answers failed: GET http://127.0.0.1:43121/healthz answered 500, wanted 200',
  verdicts: [FAILED],
  quarantined: ['web-production-r17'],
};

export const ROLLED_BACK: RolloutStatus = {
  ...SUCCEEDED,
  outcome: 'rolled-back',
  because: 'r17 stopped answering during the bake',
};

export const BAKING_VIEW: ServiceView = {
  status: {
    spec: SPEC,
    revisions: [
      { ...R17, state: 'live', endpoints: ['http://127.0.0.1:43121'] },
      { ...R16, state: 'warm', since: secondsAgo(6), warmUntil: secondsAgo(-3594) },
    ],
    live: 17,
    running: 12,
    last: 11,
    queue: [
      {
        number: 13,
        kind: 'rollback',
        revision: 15,
        artifact: 'npm:http-server@14.0.0',
        actor: 'grace@desk',
        queuedAt: secondsAgo(3),
      },
    ],
    quarantine: [],
  },
  rollout: BAKING,
  route: {
    service: SERVICE,
    generation: 12_001,
    address: { host: '127.0.0.1', port: 8080 },
    targets: [
      {
        revision: 17,
        endpoints: [{ host: '127.0.0.1', port: 43_121 }],
        weight: 100,
        inFlight: 3,
        upgraded: 0,
        served: 1204,
        failed: 0,
      },
      {
        revision: 16,
        endpoints: [{ host: '127.0.0.1', port: 43_119 }],
        weight: 0,
        inFlight: 1,
        upgraded: 0,
        served: 99_310,
        failed: 2,
      },
    ],
  },
  link: 'http://127.0.0.1:8233/namespaces/default/workflows/rollout%3Aweb%2Fproduction%2312',
};

const { running: _running, ...IDLE_STATUS } = BAKING_VIEW.status;

export const IDLE_VIEW: ServiceView = {
  ...BAKING_VIEW,
  status: { ...IDLE_STATUS, last: 12, queue: [] },
  rollout: SUCCEEDED,
};

/** Its workflow's task fails again and again; what is shown is on record. */
export const SICK_VIEW: ServiceView = {
  ...IDLE_VIEW,
  status: {
    ...IDLE_VIEW.status,
    trouble: {
      on: 'its workflow, whose task fails (attempt 7): TypeError: x is not a function',
      since: secondsAgo(90),
      endedBy: 'whoever runs the workers: their log (logs/worker.log in the data folder) names the fault',
      then: 'it goes on where it was; requests are answered again',
    },
  },
};

/** It was removed, and one of its stacks cannot be destroyed yet. */
export const REMOVED_VIEW: ServiceView = {
  status: {
    spec: IDLE_STATUS.spec,
    revisions: [],
    last: 13,
    queue: [],
    quarantine: [
      {
        stack: 'web-production-r17',
        revision: 17,
        since: secondsAgo(65),
        attempts: 2,
        nextAttemptAt: secondsAgo(-16),
        lastError: 'host build-2-4e5f6a7b is away since 3 min ago',
      },
    ],
    removedAt: secondsAgo(64),
  },
};

export const REFUSED_VIEW: ServiceView = {
  status: {
    ...IDLE_STATUS,
    revisions: [{ ...R17, state: 'failed', since: secondsAgo(7) }, R16],
    live: 16,
    last: 12,
    queue: [],
    quarantine: [
      {
        stack: 'web-production-r17',
        revision: 17,
        since: secondsAgo(65),
        attempts: 4,
        nextAttemptAt: secondsAgo(-16),
        lastError: 'process 4711 does not end: it is in uninterruptible sleep (state D) on /mnt/nfs',
      },
    ],
  },
  rollout: REFUSED,
};

const HISTORY_REVISION: Revision = {
  service: SERVICE,
  number: 17,
  artifact: 'npm:http-server@14.1.1',
  blueprint: { name: 'local-process', digest: 'sha256:00', config: {} },
  checks: [],
  requestedBy: 'ada@laptop',
  createdAt: secondsAgo(80),
};

export const HISTORY: HistoryView = {
  rollouts: [
    { service: SERVICE, number: 13, kind: 'rollback', revision: 16, actor: 'grace@desk', startedAt: secondsAgo(2) },
    {
      service: SERVICE,
      number: 12,
      kind: 'deploy',
      revision: 17,
      actor: 'ada@laptop',
      reason: 'security fix',
      startedAt: secondsAgo(80),
      endedAt: secondsAgo(5),
      outcome: 'failed',
      because: 'check answers failed: GET http://127.0.0.1:43121/healthz answered 500, wanted 200',
    },
    {
      service: SERVICE,
      number: 11,
      kind: 'deploy',
      revision: 16,
      actor: 'ada@laptop',
      reason: 'monthly update',
      startedAt: secondsAgo(86_400 * 3),
      endedAt: secondsAgo(86_400 * 3 - 95),
      outcome: 'succeeded',
    },
  ],
  revisions: [
    { ...HISTORY_REVISION, state: 'failed', since: secondsAgo(7), endpoints: [] },
    {
      ...HISTORY_REVISION,
      number: 16,
      artifact: 'npm:http-server@14.1.0',
      state: 'live',
      since: secondsAgo(86_400 * 3),
      endpoints: [{ host: '127.0.0.1', port: 43_119 }],
    },
    {
      ...HISTORY_REVISION,
      number: 15,
      artifact: 'npm:http-server@14.0.0',
      state: 'retired',
      since: secondsAgo(86_400 * 2),
      endpoints: [{ host: '127.0.0.1', port: 43_001 }],
    },
    {
      ...HISTORY_REVISION,
      number: 14,
      artifact: 'npm:http-server@14.0.0',
      state: 'retired',
      quarantined: true,
      since: secondsAgo(86_400 * 3),
      endpoints: [],
    },
  ],
};

/** One check that refuses, one that nobody has a place for, and one that could not be carried out. */
export const VALIDATING: RolloutStatus = {
  ...BAKING,
  phase: 'validate',
  phases: phases({ plan: 'done', provision: 'done', validate: 'running' }),
  steps: [{ number: 1, weight: 100, bakeMs: 10_000, state: 'pending' }],
  verdicts: [],
  activities: [
    {
      name: 'check answers',
      state: 'running',
      since: secondsAgo(8),
      attempt: 1,
      latest: '16 attempts, 0 passed; latest: GET http://127.0.0.1:43121/ answered 500, wanted 200',
    },
    { name: 'check smoke', state: 'waiting', since: secondsAgo(8), attempt: 1 },
    {
      name: 'check metrics',
      state: 'retrying',
      since: secondsAgo(1),
      attempt: 3,
      lastError: 'the shell is gone',
      nextAttemptAt: secondsAgo(-4),
    },
  ],
};
delete VALIDATING.wait;

export const VALIDATING_VIEW: ServiceView = { ...BAKING_VIEW, rollout: VALIDATING };

/** Traffic moves in three steps: one is over, one failed its check and is put back. */
export const CANARY_FAILED: RolloutStatus = {
  ...ROLLED_BACK,
  steps: [
    {
      ...{ number: 1, weight: 10, bakeMs: 300_000, state: 'done' },
      ...{ startedAt: secondsAgo(700), endedAt: secondsAgo(400), note: '1 check passed' },
    },
    {
      ...{ number: 2, weight: 50, bakeMs: 300_000, state: 'failed' },
      ...{ startedAt: secondsAgo(400), endedAt: secondsAgo(380), note: 'check answers failed' },
    },
    { number: 3, weight: 100, bakeMs: 300_000, state: 'skipped', note: 'not reached' },
  ],
  verdicts: [PASSED, { ...PASSED, phase: 'bake', step: 1 }, { ...FAILED, phase: 'bake', step: 2 }],
  plan: { weights: [10, 50, 100], earliestMs: 900_000, longestDetectMs: 310_000, worstExposureMs: 496_000 },
  exposure: { totalMs: 100_000, pausedMs: 60_000 },
};

/** A number of the new revision was beyond its limit; another one was asked of nobody. */
export const METRICS_FAILED: RolloutStatus = {
  ...ROLLED_BACK,
  verdicts: [
    PASSED,
    {
      ...{ ...PASSED, phase: 'bake', step: 1, check: 'metric slow', attempts: 412, passed: 412 },
      evidence: 'p99 of the latency in ms of r17 by its router is 87.5, of 412 samples; it may be at most 400',
      reading: { value: 87.5, samples: 412 },
    },
    {
      ...{ ...FAILED, phase: 'bake', step: 1, check: 'metric failed-orders', attempts: 412 },
      evidence: 'the answer of Prometheus at http://127.0.0.1:9090 is 0.031, of 412 samples; it may be at most 0.02',
      reading: {
        ...{ value: 0.031, samples: 412 },
        query:
          'sum(increase(orders_failed_total{app="web",revision="r17"}[60s]))\n/ sum(increase(orders_total{app="web",revision="r17"}[60s]))',
      },
    },
  ],
};

export const CANARY: RolloutStatus = {
  ...BAKING,
  steps: [
    CANARY_FAILED.steps[0]!,
    { number: 2, weight: 50, bakeMs: 300_000, state: 'running', startedAt: secondsAgo(6) },
    { number: 3, weight: 100, bakeMs: 300_000, state: 'pending' },
  ],
  verdicts: [PASSED, { ...PASSED, phase: 'bake', step: 1 }],
  plan: { weights: [10, 50, 100], earliestMs: 900_000, longestDetectMs: 310_000, worstExposureMs: 496_000 },
};

/** A ramp of fifty steps, in the 21st of them. */
export const RAMP: RolloutStatus = {
  ...CANARY,
  steps: Array.from({ length: 50 }, (_, index) => {
    const state = index < 20 ? 'done' : index === 20 ? 'running' : 'pending';
    return { number: index + 1, weight: 2 * (index + 1), bakeMs: 60_000, state };
  }),
  verdicts: [PASSED, { ...PASSED, phase: 'bake', step: 20 }],
};

/** With hooks of all that they may say. */
export const HOOKED: RolloutStatus = {
  ...BAKING,
  hooks: [
    {
      ...{ name: 'smoke', moment: 'before', phase: 'shift', status: 'succeeded', calls: 2 },
      ...{ startedAt: secondsAgo(9), answeredAt: secondsAgo(7), reason: '12 suites' },
    },
    {
      ...{ name: 'cache', moment: 'after', phase: 'shift', status: 'failed', calls: 1, isIgnored: true },
      ...{ startedAt: secondsAgo(7), answeredAt: secondsAgo(7), reason: 'it answered 404: no such cache' },
    },
    {
      ...{ name: 'load', moment: 'after', phase: 'bake', step: 1, status: 'in-progress', calls: 4 },
      ...{ startedAt: secondsAgo(5), answeredAt: secondsAgo(1), reason: '40 % of the load test is done' },
    },
    { name: 'chat', moment: 'after', phase: 'settle', calls: 1, startedAt: secondsAgo(1), isTold: true },
  ],
};

/** Waits for two people, and for the morning. */
export const GATED: RolloutStatus = {
  ...OVER,
  phase: 'validate',
  phases: phases({ plan: 'done', provision: 'done', validate: 'done' }, NOTES),
  steps: [{ number: 1, weight: 100, bakeMs: 10_000, state: 'pending' }],
  gates: [
    {
      ...{ name: 'qa', kind: 'approval', before: 'shift', step: 1, state: 'waiting', then: 'rollback' },
      ...{ since: secondsAgo(60), until: secondsAgo(-3_540), because: '1 more approval of approver, beside bob' },
      approval: { from: ['approver'], least: 2, notRequester: true, reason: 'optional' },
      approvals: [{ actor: 'bob', at: secondsAgo(20), reason: 'tried it' }],
    },
    {
      ...{ name: 'hours', kind: 'window', before: 'shift', step: 1, state: 'waiting', then: 'rollback' },
      ...{ since: secondsAgo(60), until: secondsAgo(-86_340), because: 'it is outside of what is allowed' },
      opensAt: secondsAgo(-1_200),
    },
  ],
};

/** The same, once somebody has passed them. */
export const GLASS_BROKEN: RolloutStatus = {
  ...SUCCEEDED,
  breakGlass: { actor: 'cy', reason: 'incident 4711', at: secondsAgo(10) },
  gates: (GATED.gates ?? []).map((gate) => {
    const { opensAt: _opensAt, ...left } = gate;
    return { ...left, state: 'skipped', endedAt: secondsAgo(10), because: 'break-glass by cy: incident 4711' };
  }),
};

/** Before a new revision has any traffic. */
const UNSHIFTED_STATUS: ServiceView['status'] = {
  ...BAKING_VIEW.status,
  live: 16,
  revisions: [
    { ...R17, state: 'ready' },
    { ...R16, state: 'live' },
  ],
};

/** A new revision that somebody looks at at the preview address before they approve it. */
export const PREVIEWED_VIEW: ServiceView = {
  ...BAKING_VIEW,
  status: UNSHIFTED_STATUS,
  rollout: {
    ...BAKING,
    phase: 'validate',
    phases: BAKING.phases.map((each) =>
      each.phase === 'shift' || each.phase === 'bake' ? { phase: each.phase, state: 'pending' } : each,
    ),
    preview: 'http://127.0.0.1:8081',
    plan: { weights: [100], earliestMs: 300_000, longestDetectMs: 310_000, worstExposureMs: 331_000, hasPreview: true },
    wait: {
      on: 'gate approval qa before shift: 0 of 1 so far; look at the new revision at its preview address http://127.0.0.1:8081 meanwhile',
      ...{ since: secondsAgo(6), until: secondsAgo(-594), endedBy: 'approve or reject, abort' },
      then: 'the rollout is put back',
    },
  },
  route: {
    ...BAKING_VIEW.route!,
    preview: {
      ...{ address: { host: '127.0.0.1', port: 8081 }, revision: 17, wantedPort: 8081 },
      ...{ inFlight: 1, served: 12, failed: 0 },
    },
    targets: BAKING_VIEW.route!.targets.map((target) => ({ ...target, weight: target.revision === 17 ? 0 : 100 })),
  },
};

/** A new revision that somebody is to look at before it has traffic. */
export const INSPECTED_VIEW: ServiceView = {
  ...BAKING_VIEW,
  status: UNSHIFTED_STATUS,
  rollout: {
    ...BAKING,
    steps: [
      { number: 1, weight: 0, bakeMs: 600_000, audience: 'inspection', state: 'running', startedAt: secondsAgo(6) },
      { number: 2, weight: 100, bakeMs: 300_000, state: 'pending' },
    ],
    plan: {
      ...{ weights: [0, 100], audience: 'inspection' },
      ...{ earliestMs: 900_000, longestDetectMs: 610_000, worstExposureMs: 331_000 },
    },
    wait: {
      on: 'somebody to promote r17, which answers at http://127.0.0.1:8080 to the header or cookie supplant-revision with r17',
      ...{ since: secondsAgo(6), until: secondsAgo(-594), endedBy: 'promote or abort' },
      then: 'it is put back',
    },
  },
  route: {
    ...BAKING_VIEW.route!,
    cohort: { revision: 17, ...buildInspectionRule(17) },
    targets: BAKING_VIEW.route!.targets.map((target) => ({ ...target, weight: target.revision === 17 ? 0 : 100 })),
  },
};
