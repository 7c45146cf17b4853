import fc from 'fast-check';
import type { CheckSpec, CheckTiming, JsonAssertion, TextMatch } from '../../../src/domain/evidence/checks.ts';
import type { AnalysisSpec } from '../../../src/domain/evidence/judge/analysis-spec.ts';
import { type MetricSpec, ROUTER_SERIES } from '../../../src/domain/evidence/metric-spec.ts';
import { HOOK_FAILURE_POLICIES, type HookSpec, isPastReturn } from '../../../src/domain/hooks/hook.ts';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { isCompared } from '../../../src/domain/rollout/baseline.ts';
import {
  GATED_VERBS,
  GATE_ACTIONS,
  type GateSpec,
  MOST_ASKINGS,
  MOST_EXPIRY_MS,
  REASON_DEMANDS,
  type WindowRule,
} from '../../../src/domain/gates/gate.ts';
import { relativeFolder } from '../../../src/config/manifest/artifact-folder.ts';
import {
  type AwsAlbRouterSpec,
  type RouterSpec,
  CONCURRENCY_POLICIES,
  DRIFT_POLICIES,
  FREEZE_ENDINGS,
  ROLLBACK_SAFETY_DEMANDS,
  NAME,
  SERVICE_NAME,
  type ServiceSpec,
} from '../../../src/domain/service/service.ts';
import { EXPAND, type MigrationSpec } from '../../../src/domain/migrations/migration.ts';
import { PHASES } from '../../../src/domain/rollout/rollout.ts';
import { planRollout } from '../../../src/domain/rollout/plan.ts';
import { type FailureLimit, INSPECTION_ENDS, type StrategySpec } from '../../../src/domain/service/strategy.ts';
import { RULE_NAME, RULE_VALUE, isFreeHeader } from '../../../src/domain/traffic/cohort.ts';

const name = fc.stringMatching(NAME);
const serviceName = name.filter((text) => SERVICE_NAME.test(text));
const line = fc
  .string({ minLength: 1, maxLength: 40 })
  .filter((text) => /^\S/.test(text) && !/[\u0000-\u001f\u007f]/.test(text)); // eslint-disable-line no-control-regex
const timing: fc.Arbitrary<CheckTiming> = fc.record({
  successes: fc.integer({ min: 1, max: 100 }),
  intervalMs: fc.integer({ min: 10, max: 10_000 }),
  timeoutMs: fc.integer({ min: 10, max: 60_000 }),
  deadlineMs: fc.integer({ min: 1_000_001, max: 86_400_000 }),
});
const lines = fc.string({ minLength: 1, maxLength: 40 }).map((text) => text.replaceAll(/[\u0000-\u001f\u007f]/g, '\n')); // eslint-disable-line no-control-regex
const pattern = fc.constantFrom('^ok$', 'a|b', '\\d+');
const match: fc.Arbitrary<TextMatch> = fc.oneof(
  line.map((equals) => ({ equals })),
  line.map((contains) => ({ contains })),
  pattern.map((matches) => ({ matches })),
);
const path = fc.constantFrom('$.status', "$['a b'][0]", '$..x', '$.list[?@.n > 1].n');
const assertion: fc.Arbitrary<JsonAssertion> = fc.oneof(
  fc.record({ path }),
  fc.record({ path, matches: pattern }),
  fc.record({ path, equals: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as Json) }),
);
const http = fc.record(
  {
    kind: fc.constant('http' as const),
    path: fc.webPath().map((path) => (path.startsWith('/') ? path : `/${path}`)),
    status: fc
      .uniqueArray(fc.integer({ min: 100, max: 599 }), { minLength: 1 })
      .map((codes) => codes.toSorted((one, other) => one - other)),
    method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
    requestHeaders: fc.dictionary(fc.stringMatching(/^X-[a-z]{1,10}$/), fc.stringMatching(/^[!-~]{1,20}$/), {
      minKeys: 1,
    }),
    requestBody: lines,
    tls: fc.record({ insecure: fc.constant(true), serverName: fc.constant('shop.example') }, { requiredKeys: [] }),
    follow: fc.constant(true),
    responseHeaders: fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,10}$/), match),
    bodyContains: lines,
    bodyMatches: pattern,
    json: fc.array(assertion, { minLength: 1, maxLength: 3 }),
    maxLatencyMs: fc.integer({ min: 1, max: 10 }),
  },
  // A body needs a method.
  { requiredKeys: ['kind', 'path', 'method', 'status', 'responseHeaders'] },
);
const command = fc.record(
  {
    kind: fc.constant('command' as const),
    command: fc.array(line, { minLength: 1, maxLength: 4 }),
    workingDirectory: line.map((text) => `/${text}`),
  },
  { requiredKeys: ['kind', 'command'] },
);
export const someCheck = fc
  .tuple(name, timing, fc.oneof(http, command))
  .map(([of, when, what]): CheckSpec => ({ name: of, ...when, ...what }));
/** One that says nothing is left out. */
const someFailureLimit: fc.Arbitrary<FailureLimit> = fc
  .record({
    unansweredRequests: fc.oneof(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc
        .integer({ min: 0, max: 50_000 })
        .map((thousandths): FailureLimit['unansweredRequests'] => `${thousandths / 1_000}%`),
    ),
    restarts: fc.integer({ min: 0, max: 1_000 }),
  })
  .filter(({ unansweredRequests, restarts }) => unansweredRequests !== 0 || restarts !== 0);

/** A number that JSON and YAML give back as it was. */
const number = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((thousandths) => thousandths / 1_000 + 0);

const someLimits = fc
  .record(
    { name, atMost: number, atLeast: number, leastSamples: fc.integer({ min: 1, max: 1_000_000 }) },
    { requiredKeys: ['name', 'leastSamples'] },
  )
  .filter(({ atMost, atLeast }) => (atMost ?? atLeast) !== undefined && (atLeast ?? -Infinity) <= (atMost ?? Infinity));

const variable = fc.oneof(
  fc.stringMatching(/^[!-~]{1,20}$/),
  fc.constantFrom('env:TOKEN', 'file:/run/secrets/metrics#token').map((secret) => ({ secret })),
);
const headers = fc.dictionary(fc.stringMatching(/^X-[a-z]{1,10}$/), variable, { minKeys: 1, maxKeys: 3 });

const someCloudWatch = fc
  .record(
    {
      kind: fc.constant('cloudwatch' as const),
      namespace: line,
      metric: line,
      statistic: fc.constantFrom('Sum', 'Average', 'Minimum', 'Maximum', 'p99', 'p99.9'),
      per: line,
      dimensions: fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{0,10}$/), line, { minKeys: 1, maxKeys: 3 }),
    },
    { requiredKeys: ['kind', 'namespace', 'metric', 'statistic'] },
  )
  .map(({ statistic, ...metric }) => ({
    ...metric,
    statistic: metric.per === undefined ? statistic : ('Sum' as const),
  }));

const query = fc.constantFrom(
  'sum(rate(errors{revision="{revision}"}[{window}]))',
  'count(x{service="{service}",code=~"[45].{2}"})',
);
const somePrometheus = fc.record(
  {
    kind: fc.constant('prometheus' as const),
    address: fc.constant('https://prometheus:9090/x'),
    query,
    samples: query,
    headers,
  },
  { requiredKeys: ['kind', 'address', 'query'] },
);
const someHttpJson = fc.record(
  {
    kind: fc.constant('http-json' as const),
    url: fc.constantFrom('http://[::1]:8080/{service}?since={from}', 'https://metrics.example/{revision}/{window}'),
    value: path,
    samples: path,
    headers,
  },
  { requiredKeys: ['kind', 'url', 'value'] },
);
const someCommandMetric = fc.record(
  {
    kind: fc.constant('command' as const),
    command: fc.array(line, { minLength: 1, maxLength: 4 }),
    env: fc.dictionary(fc.stringMatching(/^[A-Z_]{1,10}$/), variable, { minKeys: 1, maxKeys: 3 }),
    workingDirectory: line.map((text) => `/${text}`),
    timeoutMs: fc.integer({ min: 10, max: 60_000 }),
  },
  { requiredKeys: ['kind', 'command', 'timeoutMs'] },
);
const someRouterMetric = fc.record({ kind: fc.constant('router' as const), series: fc.constantFrom(...ROUTER_SERIES) });

const someMetric: fc.Arbitrary<MetricSpec> = fc
  .tuple(fc.oneof(someCloudWatch, somePrometheus, someHttpJson, someCommandMetric, someRouterMetric), someLimits)
  .map(([source, limits]): MetricSpec => ({ ...source, ...limits }))
  .map((metric) => {
    const isOfOne = (metric.kind === 'prometheus' || metric.kind === 'http-json') && metric.samples === undefined;
    return isOfOne ? { ...metric, leastSamples: 1 } : metric;
  });

/** Those that a strategy may have beside bakes and a router like these. */
function fitMetrics({ strategy: { metrics, ...strategy }, router, ...spec }: ServiceSpec): ServiceSpec {
  const isAlb = router.kind === 'aws-alb';
  const shortest = Math.min(...planRollout(strategy).map(({ bakeMs }) => bakeMs));
  const fitting =
    metrics?.filter((metric) => {
      if (metric.kind === 'router') return router.kind === 'embedded' && shortest >= 1_000;
      if (metric.kind !== 'cloudwatch') return shortest >= 1_000;
      return (metric.dimensions !== undefined || isAlb) && shortest >= 60_000;
    }) ?? [];
  return { ...spec, router, strategy: { ...strategy, ...(fitting.length === 0 ? {} : { metrics: fitting }) } };
}

/** Requests are demanded where they are counted, and waited for where they are demanded. */
function fitRequests({ strategy, router, ...spec }: ServiceSpec): ServiceSpec {
  const { leastRequests, waitForRequestsMs, ...bare } = strategy;
  const asks = router.kind === 'embedded';
  const steps = 'steps' in bare && !asks ? { steps: bare.steps.map(({ weight, bakeMs }) => ({ weight, bakeMs })) } : {};
  const demands = [
    strategy,
    ...(strategy.cohort ? [strategy.cohort] : []),
    ...('steps' in strategy ? strategy.steps : []),
  ];
  const isAsked = demands.some((each) => each.leastRequests !== undefined);
  return {
    ...spec,
    router,
    strategy: {
      ...bare,
      ...steps,
      ...(asks && leastRequests !== undefined ? { leastRequests } : {}),
      ...(asks && isAsked && waitForRequestsMs !== undefined ? { waitForRequestsMs } : {}),
    },
  };
}

const requests = fc.integer({ min: 1, max: 1_000_000_000 });
const shareOf = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0);
const few = fc.nat({ max: 3 });

const someAnalysis: fc.Arbitrary<AnalysisSpec> = fc.record(
  {
    errorsAtMost: shareOf(0, 1),
    compare: fc.record(
      {
        baseline: fc.constant('fresh' as const),
        errors: fc.record({ alpha: shareOf(0.0001, 0.5) }),
        latency: fc.record({ confidence: shareOf(0.5, 0.9999), mayRise: shareOf(0, 100) }),
      },
      { requiredKeys: ['errors'] },
    ),
    leastRequests: requests,
    budgets: fc.record({ bad: few, unmeasured: few, undecided: few }),
    dryRun: fc.constant(true),
  },
  { requiredKeys: ['leastRequests', 'budgets'] },
);

/** Requests are judged where they are counted, and compared where two revisions have some. */
function fitAnalysis({ strategy, router, ...spec }: ServiceSpec): ServiceSpec {
  const { analysis, ...bare } = strategy;
  if (!analysis || router.kind !== 'embedded') return { ...spec, router, strategy: bare };
  const { compare, ...limit } = analysis;
  const hasComparison = compare !== undefined && bare.kind !== 'blue-green';
  if (limit.errorsAtMost === undefined && !hasComparison) return { ...spec, router, strategy: bare };
  return { ...spec, router, strategy: { ...bare, analysis: hasComparison ? fitBaseline(bare, analysis) : limit } };
}

/** A fresh baseline has a share of its own in a step at least, beside the least that what is live keeps. */
function fitBaseline(strategy: StrategySpec, analysis: AnalysisSpec): AnalysisSpec {
  const { compare, ...limit } = analysis;
  if (!compare?.baseline || listShares(strategy).some((weight) => isCompared({ weight }))) return analysis;
  const { baseline: _baseline, ...compared } = compare;
  return { ...limit, compare: compared };
}

function listShares(strategy: StrategySpec): number[] {
  switch (strategy.kind) {
    case 'blue-green':
      return [];
    case 'canary':
      return strategy.steps.map(({ weight }) => weight);
    case 'linear':
      return [strategy.step];
    case 'exponential':
      return [strategy.growth];
  }
}

const stepMs = fc.integer({ min: 1_000, max: 1_209_600_000 });
const rulePair = fc.record({ name: fc.stringMatching(RULE_NAME), value: fc.stringMatching(RULE_VALUE) });
const someCohort = fc
  .record(
    {
      ...{ header: rulePair.filter(({ name: of }) => isFreeHeader(of)), cookie: rulePair },
      ...{ bakeMs: stepMs, leastRequests: requests },
    },
    { requiredKeys: ['bakeMs'] },
  )
  .filter(({ header, cookie }) => (header ?? cookie) !== undefined);
const someInspection = fc.record({ holdMs: stepMs, then: fc.constantFrom(...INSPECTION_ENDS) });

const somePreview = fc.record({ port: fc.integer({ min: 1, max: 65_535 }) }, { requiredKeys: [] });

/** One audience comes first, at a router that can tell it. */
function fitAudience({ strategy: given, router, ...spec }: ServiceSpec): ServiceSpec {
  const strategy = fitPreview(given, router);
  const { cohort: _cohort, ...bare } = strategy;
  const isTold = router.kind !== 'aws-alb';
  if (bare.kind === 'blue-green' && bare.inspection) {
    const { inspection: _inspection, ...alike } = bare;
    return { ...spec, router, strategy: isTold ? bare : alike };
  }
  return { ...spec, router, strategy: isTold ? strategy : bare };
}

/** A preview address is not where clients connect, and is at a router that can have one. */
function fitPreview(strategy: StrategySpec, router: RouterSpec): StrategySpec {
  if (strategy.kind !== 'blue-green' || !strategy.preview) return strategy;
  const { preview, ...bare } = strategy;
  if (router.kind === 'aws-alb') return bare;
  return preview.port !== undefined && preview.port === router.port ? { ...bare, preview: {} } : strategy;
}

const share = fc.integer({ min: 1, max: 99 });

/** What every strategy can say. */
const terms = {
  bakeMs: fc.integer({ min: 0, max: 1_209_600_000 }),
  leastRequests: requests,
  waitForRequestsMs: fc.integer({ min: 0, max: 1_209_600_000 }),
  failureLimit: someFailureLimit,
  alarms: fc.array(line, { minLength: 1, maxLength: 20 }),
  metrics: fc.uniqueArray(someMetric, { minLength: 1, maxLength: 4, selector: (one) => one.name }),
  analysis: someAnalysis,
  cohort: someCohort,
};

const someSteps = fc
  .uniqueArray(
    fc.record({ weight: share, bakeMs: stepMs, leastRequests: requests }, { requiredKeys: ['weight', 'bakeMs'] }),
    {
      minLength: 1,
      maxLength: 8,
      selector: ({ weight }) => weight,
    },
  )
  .map((steps) => steps.toSorted((one, other) => one.weight - other.weight));

/** Whatever a strategy can say, beside whatever router. */
export const someStrategy: fc.Arbitrary<StrategySpec> = fc.oneof(
  fc.record(
    { kind: fc.constant('blue-green' as const), inspection: someInspection, preview: somePreview, ...terms },
    { requiredKeys: ['kind', 'bakeMs'] },
  ),
  fc.record(
    { kind: fc.constant('canary' as const), steps: someSteps, ...terms },
    { requiredKeys: ['kind', 'steps', 'bakeMs'] },
  ),
  fc.record(
    { kind: fc.constant('linear' as const), step: share, everyMs: stepMs, ...terms },
    { requiredKeys: ['kind', 'step', 'everyMs', 'bakeMs'] },
  ),
  fc.record(
    { kind: fc.constant('exponential' as const), growth: share, everyMs: stepMs, ...terms },
    { requiredKeys: ['kind', 'growth', 'everyMs', 'bakeMs'] },
  ),
);

const hex = fc.stringMatching(/^[0-9a-f]{16}$/);

const someAlb: fc.Arbitrary<AwsAlbRouterSpec> = fc.record(
  {
    kind: fc.constant('aws-alb' as const),
    rule: fc
      .tuple(fc.constantFrom('listener', 'listener-rule'), hex, hex, hex)
      .map(
        ([type, balancer, listener, rule]) =>
          `arn:aws:elasticloadbalancing:eu-west-1:123456789012:${type}/app/shared/${balancer}/${listener}` +
          (type === 'listener' ? '' : `/${rule}`),
      ),
    settleMs: fc.integer({ min: 0, max: 3_600_000 }),
    lastSettleMs: fc.integer({ min: 0, max: 3_600_000 }),
    healthyLooks: fc.integer({ min: 1, max: 100 }),
    stickyMs: fc.integer({ min: 1, max: 604_800 }).map((seconds) => seconds * 1_000),
    drainMs: fc.integer({ min: 0, max: 86_400_000 }),
  },
  { requiredKeys: ['kind', 'rule', 'drainMs'] },
);

const someHook: fc.Arbitrary<HookSpec> = fc
  .record({
    name,
    moment: fc.constantFrom('before' as const, 'after' as const),
    phase: fc.constantFrom(...PHASES),
    url: fc.constantFrom('https://hooks.example/smoke?x=1', 'http://[::1]:8080/'),
    secret: fc.constantFrom('env:HOOK', 'file:/run/secrets/hook#key'),
    timeoutMs: fc.integer({ min: 10, max: 60_000 }),
    waitForMs: fc.integer({ min: 10, max: 86_400_000 }),
    onFailure: fc.constantFrom(...HOOK_FAILURE_POLICIES),
    kinds: fc.constantFrom<HookSpec['kinds']>(['deploy'], ['rollback'], ['rollback', 'deploy']),
  })
  .filter(({ moment, phase }) => moment === 'after' || phase !== 'plan')
  .map((hook) => (isPastReturn(hook) ? { ...hook, onFailure: 'ignore' } : hook));

const call = {
  url: fc.constant('https://hooks.example/m'),
  secret: fc.constant('env:M'),
  timeoutMs: fc.nat(50_000).map((ms) => ms + 10),
};
const someMigrations: fc.Arbitrary<MigrationSpec> = fc
  .record(
    {
      expand: fc.record({ ...call, waitForMs: fc.integer({ min: 10, max: 86_400_000 }) }),
      contract: fc.record(
        { ...call, afterMs: fc.integer({ min: 0, max: 31_536_000_000 }) },
        { requiredKeys: ['url', 'secret', 'timeoutMs'] },
      ),
    },
    { requiredKeys: [] },
  )
  .filter(({ expand, contract }) => (expand ?? contract) !== undefined);

function withoutHooks({ hooks: _hooks, ...rest }: ServiceSpec): ServiceSpec {
  return rest;
}

const someRule: fc.Arbitrary<WindowRule> = fc.record(
  {
    rule: fc.constantFrom('FREQ=DAILY;BYHOUR=9', 'FREQ=WEEKLY;BYDAY=MO,TU', 'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20'),
    forMs: fc.integer({ min: 60_000, max: 366 * 86_400_000 }),
    starts: fc.constantFrom('2026-12-21', '2024-02-29'),
  },
  { requiredKeys: ['rule', 'forMs'] },
);
const someRules = fc.array(someRule, { minLength: 1, maxLength: 3 });

const someCondition = fc.oneof(
  fc
    .record({
      kind: fc.constant('approval' as const),
      from: fc.array(fc.constantFrom('approver', 'admin', 'jwt:*@x.org', 'group:sre'), { minLength: 1, maxLength: 3 }),
      least: fc.integer({ min: 1, max: 10 }),
      ...{ reason: fc.constantFrom(...REASON_DEMANDS), claims: fc.boolean(), notRequester: fc.boolean() },
    })
    // Who sends something from the Temporal UI cannot be told from who asked.
    .map(({ claims, ...gate }) => (claims ? { ...gate, notRequester: false, temporalUi: true as const } : gate)),
  fc
    .record(
      {
        kind: fc.constant('window' as const),
        timeZone: fc.constantFrom('Europe/Berlin', 'UTC'),
        allow: someRules,
        deny: someRules,
      },
      { requiredKeys: ['kind', 'timeZone'] },
    )
    .filter(({ allow, deny }) => allow !== undefined || deny !== undefined),
  fc.record({
    kind: fc.constant('webhook' as const),
    url: fc.constantFrom('https://ci.example/gate?of=web', 'http://[::1]:8080/'),
    secret: fc.constantFrom('env:HOOK', 'file:/run/secrets/hook#key'),
    everyMs: fc.integer({ min: MOST_EXPIRY_MS / MOST_ASKINGS, max: 86_400_000 }),
  }),
);
const somePoint = fc.oneof(
  fc.record({ before: fc.constantFrom('provision' as const, 'settle' as const) }),
  fc.record(
    {
      before: fc.constant('shift' as const),
      step: fc.oneof(fc.constant('every' as const), fc.integer({ min: 1, max: 100 })),
    },
    { requiredKeys: ['before'] },
  ),
);
export const someGate: fc.Arbitrary<GateSpec> = fc
  .record({
    name,
    expiresAfterMs: fc.integer({ min: 1_000, max: MOST_EXPIRY_MS }),
    then: fc.constantFrom(...GATE_ACTIONS),
    verbs: fc.option(fc.subarray([...GATED_VERBS], { minLength: 1 }), { nil: undefined }),
  })
  .map(({ verbs, ...terms }) => ({ ...terms, ...(verbs ? { verbs } : {}) }))
  .chain((terms) => fc.tuple(somePoint, someCondition).map(([point, is]): GateSpec => ({ ...terms, ...point, ...is })));

/** A gate stands before a step that there is. */
function fitGates({ gates, ...spec }: ServiceSpec): ServiceSpec {
  if (!gates) return spec;
  const steps = planRollout(spec.strategy).length;
  const fit = (gate: GateSpec): GateSpec =>
    typeof gate.step === 'number' ? { ...gate, step: Math.min(gate.step, steps) } : gate;
  return { ...spec, gates: gates.map(fit) };
}

/** Whatever a manifest can say, complete with defaults. */
export const someSpec: fc.Arbitrary<ServiceSpec> = fc
  .record(
    {
      service: fc.record({ name: serviceName, environment: name }),
      artifact: line.filter((text) => relativeFolder(text) === undefined),
      blueprint: fc.record(
        {
          name,
          config: fc
            .dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
            .map((config) => JSON.parse(JSON.stringify(config)) as JsonObject),
          pool: name,
        },
        { requiredKeys: ['name', 'config'] },
      ),
      router: fc.oneof(
        someAlb,
        fc
          .record(
            {
              kind: fc.constantFrom('embedded' as const, 'haproxy' as const),
              port: fc.integer({ min: 1, max: 65_535 }),
              // IPv6 in its own notation alone.
              listen: fc.oneof(
                fc.ipV4(),
                fc.ipV6().filter((address) => !address.includes('.')),
              ),
              strictPort: fc.constant(true as const),
              drainMs: fc.integer({ min: 0, max: 86_400_000 }),
            },
            { requiredKeys: ['kind', 'drainMs'] },
          )
          .map(({ strictPort, ...router }) =>
            router.port === undefined || !strictPort ? router : { ...router, strictPort },
          ),
      ),
      strategy: someStrategy,
      checks: fc.uniqueArray(someCheck, { minLength: 1, maxLength: 4, selector: (one) => one.name }),
      retention: fc.record({
        warm: fc.integer({ min: 0, max: 10 }),
        warmForMs: fc.integer({ min: 0, max: 31_536_000_000 }),
      }),
      concurrency: fc.constantFrom(...CONCURRENCY_POLICIES),
      drift: fc.constantFrom(...DRIFT_POLICIES),
      rollbackSafety: fc.constantFrom(...ROLLBACK_SAFETY_DEMANDS),
      rollbackWindow: fc
        .record(
          { revisions: fc.integer({ min: 1, max: 20 }), durationMs: fc.integer({ min: 1_000, max: 365 * 86_400_000 }) },
          { requiredKeys: [] },
        )
        .filter(({ revisions, durationMs }) => revisions !== undefined || durationMs !== undefined),
      freezeOnFail: fc.record({
        forMs: fc.integer({ min: 60_000, max: 30 * 86_400_000 }),
        then: fc.constantFrom(...FREEZE_ENDINGS),
      }),
      progressDeadlineMs: fc.integer({ min: 10_000, max: 14 * 86_400_000 }),
      hooks: fc.uniqueArray(someHook, { minLength: 1, maxLength: 10, selector: (one) => one.name }),
      migrations: someMigrations,
      rollbackOn: fc.record({
        webhooks: fc.uniqueArray(fc.record({ name, secret: fc.constantFrom('env:A', 'aws-ssm:b') }), {
          ...{ minLength: 1, maxLength: 5, selector: (one) => one.name },
        }),
      }),
      gates: fc.uniqueArray(someGate, { minLength: 1, maxLength: 4, selector: (one) => one.name }),
    },
    { requiredKeys: ['service', 'artifact', 'blueprint', 'router', 'strategy', 'checks', 'retention'] },
  )
  .map((each): ServiceSpec => {
    const hooks = each.hooks?.filter((hook) => hook.name !== EXPAND);
    return hooks?.length === 0 ? withoutHooks(each) : { ...each, ...(hooks ? { hooks } : {}) };
  })
  .map(fitAudience)
  .map(fitRequests)
  .map(fitMetrics)
  .map(fitAnalysis)
  .map(fitGates);
