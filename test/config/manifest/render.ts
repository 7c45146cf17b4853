import { stringify } from 'yaml';
import type { CheckSpec } from '../../../src/domain/evidence/checks.ts';
import type { MigrationHook, MigrationSpec } from '../../../src/domain/migrations/migration.ts';
import type { HookSpec } from '../../../src/domain/hooks/hook.ts';
import type { MetricSpec } from '../../../src/domain/evidence/metric-spec.ts';
import type { GateSpec, OpeningHours, WebhookGate } from '../../../src/domain/gates/gate.ts';
import {
  DEFAULT_DRAIN_MS,
  type RollbackWindow,
  type RouterSpec,
  type ServiceSpec,
} from '../../../src/domain/service/service.ts';
import {
  type BlueGreenSpec,
  type CanarySpec,
  type CohortSpec,
  type LinearSpec,
  NO_FAILURES,
  type StrategySpec,
} from '../../../src/domain/service/strategy.ts';
import { writeStatus } from '../../../src/domain/rollout/status-spans.ts';
import { formatDuration } from '../../../src/config/duration.ts';
import { API_VERSION, KIND } from '../../../src/config/manifest/schema.ts';

function renderRollbackWindow({ revisions, durationMs }: RollbackWindow): object {
  return {
    ...(revisions === undefined ? {} : { revisions }),
    ...(durationMs === undefined ? {} : { duration: formatDuration(durationMs) }),
  };
}

/** Writes a service as a manifest that reads back as the same service, every default spelled out. */
export function renderManifest(spec: ServiceSpec): string {
  return stringify({
    apiVersion: API_VERSION,
    kind: KIND,
    ...spec.service,
    artifact: spec.artifact,
    blueprint: { name: spec.blueprint.name, config: spec.blueprint.config },
    ...(spec.blueprint.pool === undefined ? {} : { pool: spec.blueprint.pool }),
    router: renderRouter(spec.router),
    strategy: renderStrategy(spec.strategy),
    checks: spec.checks.map(renderCheck),
    retention: { warm: spec.retention.warm, for: formatDuration(spec.retention.warmForMs) },
    ...(spec.concurrency === undefined ? {} : { concurrency: spec.concurrency }),
    ...(spec.drift === undefined ? {} : { drift: spec.drift }),
    ...(spec.rollbackSafety === undefined ? {} : { rollbackSafety: spec.rollbackSafety }),
    ...(spec.rollbackWindow === undefined ? {} : { rollbackWindow: renderRollbackWindow(spec.rollbackWindow) }),
    ...(spec.freezeOnFail === undefined
      ? {}
      : { freezeOnFail: { for: formatDuration(spec.freezeOnFail.forMs), then: spec.freezeOnFail.then } }),
    ...(spec.progressDeadlineMs === undefined ? {} : { progressDeadline: formatDuration(spec.progressDeadlineMs) }),
    ...(spec.gates === undefined ? {} : { gates: spec.gates.map(renderGate) }),
    hooks: spec.hooks?.map(renderHook),
    rollbackOn: spec.rollbackOn,
    migrations: spec.migrations && renderMigrations(spec.migrations),
  });
}

function renderMigrations({ expand, contract }: MigrationSpec): Record<string, unknown> {
  const call = ({ url, secret, timeoutMs }: MigrationHook) => ({ url, secret, timeout: formatDuration(timeoutMs) });
  const after = contract?.afterMs;
  return {
    expand: expand && { ...call(expand), waitFor: formatDuration(expand.waitForMs) },
    contract: contract && { ...call(contract), ...(after === undefined ? {} : { after: formatDuration(after) }) },
  };
}

function renderHook({ moment, phase, timeoutMs, waitForMs, ...hook }: HookSpec): Record<string, unknown> {
  return { ...hook, [moment]: phase, timeout: formatDuration(timeoutMs), waitFor: formatDuration(waitForMs) };
}

function renderGate({
  kind,
  name,
  before,
  step,
  verbs,
  expiresAfterMs,
  then,
  ...condition
}: GateSpec): Record<string, unknown> {
  const place = { before, ...(step === undefined ? {} : { step }), ...(verbs === undefined ? {} : { verbs }) };
  const is =
    'timeZone' in condition ? renderWindow(condition) : 'url' in condition ? renderWebhook(condition) : condition;
  return { name, ...place, [kind]: is, expiresAfter: formatDuration(expiresAfterMs), then };
}

function renderWebhook({ everyMs, ...webhook }: Pick<WebhookGate, 'url' | 'secret' | 'everyMs'>) {
  return { ...webhook, every: formatDuration(everyMs) };
}

function renderWindow({ timeZone, ...lists }: OpeningHours): Record<string, unknown> {
  const rules = Object.entries(lists).map(([key, list]) => [
    key,
    list.map(({ forMs, ...rule }) => ({ ...rule, for: formatDuration(forMs) })),
  ]);
  return { timeZone, ...(Object.fromEntries(rules) as Record<string, unknown>) };
}

function renderRouter({ drainMs = DEFAULT_DRAIN_MS, ...router }: RouterSpec): Record<string, unknown> {
  const drain = formatDuration(drainMs);
  if (router.kind !== 'aws-alb') return { ...router, drain };
  const { settleMs, lastSettleMs, stickyMs, ...more } = router;
  const times = Object.entries({ settle: settleMs, lastSettle: lastSettleMs, sticky: stickyMs });
  const given = times.flatMap(([key, ms]) => (ms === undefined ? [] : [[key, formatDuration(ms)]]));
  return { ...more, ...(Object.fromEntries(given) as Record<string, string>), drain };
}

/** What is undefined is left out. */
function renderStrategy({
  bakeMs,
  failureLimit = NO_FAILURES,
  metrics,
  waitForRequestsMs,
  cohort,
  ...strategy
}: StrategySpec) {
  return {
    ...renderMoves(strategy),
    bake: formatDuration(bakeMs),
    failureLimit,
    waitForRequests: waitForRequestsMs === undefined ? undefined : formatDuration(waitForRequestsMs),
    metrics: metrics?.map(renderMetric),
    cohort: cohort && renderCohort(cohort),
  };
}

function renderMoves(
  strategy: object &
    Partial<Pick<CanarySpec, 'steps'> & Pick<LinearSpec, 'everyMs'> & Pick<BlueGreenSpec, 'inspection'>>,
): Record<string, unknown> {
  const { steps, everyMs, inspection, ...more } = strategy;
  return {
    ...more,
    steps: steps?.map(({ bakeMs, ...step }) => ({ ...step, bake: formatDuration(bakeMs) })),
    every: everyMs === undefined ? undefined : formatDuration(everyMs),
    inspection: inspection && { holdFor: formatDuration(inspection.holdMs), then: inspection.then },
  };
}

function renderCohort({ bakeMs, ...cohort }: CohortSpec): Record<string, unknown> {
  return { ...cohort, bake: formatDuration(bakeMs) };
}

function renderMetric(metric: MetricSpec): Record<string, unknown> {
  const { name, atMost, atLeast, leastSamples } = metric;
  return { name, ...renderSource(metric), atMost, atLeast, leastSamples };
}

/** What is undefined is left out. */
function renderSource(metric: MetricSpec): Record<string, unknown> {
  switch (metric.kind) {
    case 'router':
      return { router: { series: metric.series } };
    case 'prometheus': {
      const { address, query, samples, headers } = metric;
      return { prometheus: { address, query, samples, headers } };
    }
    case 'http-json': {
      const { url, value, samples, headers } = metric;
      return { httpJson: { url, value, samples, headers } };
    }
    case 'command': {
      const { command: run, env, workingDirectory, timeoutMs } = metric;
      return { command: { run, env, workingDirectory, timeout: formatDuration(timeoutMs) } };
    }
    case 'cloudwatch': {
      const { namespace, metric: wanted, statistic, per, dimensions } = metric;
      return { cloudwatch: { namespace, metric: wanted, statistic, per, dimensions } };
    }
  }
}

export function renderCheck(check: CheckSpec): Record<string, unknown> {
  return {
    name: check.name,
    ...(check.kind === 'command' ? renderCommand(check) : { http: renderHttp(check) }),
    successes: check.successes,
    interval: formatDuration(check.intervalMs),
    timeout: formatDuration(check.timeoutMs),
    deadline: formatDuration(check.deadlineMs),
  };
}

function renderCommand({ command, workingDirectory }: CheckSpec & { kind: 'command' }): Record<string, unknown> {
  return { command, ...(workingDirectory === undefined ? {} : { workingDirectory }) };
}

function renderHttp(check: CheckSpec & { kind: 'http' }): Record<string, unknown> {
  const { path, method, requestHeaders, requestBody, tls, follow, bodyContains, bodyMatches, json, maxLatencyMs } =
    check;
  const wanted = Object.entries(check.responseHeaders).map(([name, match]) => [
    name,
    'equals' in match ? match.equals : match,
  ]);
  // What is undefined is left out.
  return {
    path,
    method,
    requestHeaders,
    requestBody,
    tls,
    follow,
    status: writeStatus(check.status),
    responseHeaders: Object.fromEntries(wanted),
    bodyContains,
    bodyMatches,
    json,
    maxLatency: maxLatencyMs === undefined ? undefined : formatDuration(maxLatencyMs),
  };
}
