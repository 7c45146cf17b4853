import { isDeepStrictEqual } from 'node:util';
import type { CheckSpec, CheckTiming, HttpCheck, TextMatch } from '../../domain/evidence/checks.ts';
import type { AnalysisSpec, ComparisonSpec } from '../../domain/evidence/judge/analysis-spec.ts';
import { DEFAULT_FREEZE } from '../../domain/rollback/aftermath.ts';
import {
  DEFAULT_DRAIN_MS,
  type RollbackWindow,
  type RouterSpec,
  type ServiceSpec,
} from '../../domain/service/service.ts';
import {
  type CanaryStep,
  type CohortSpec,
  NO_FAILURES,
  type StepJudges,
  type StrategySpec,
  type PreviewAddressSpec,
} from '../../domain/service/strategy.ts';
import { resolvePreset } from '../../domain/service/strategy-presets.ts';
import type { CohortFields } from './audience-schema.ts';
import type { AnalysisFields } from './analysis-schema.ts';
import type { CheckFields } from './check-schema.ts';
import { chooseTimeout } from './defaults.ts';
import { buildHook, buildHookFields } from './hook-schema.ts';
import { buildMigrationFields, buildMigrations } from './migration-schema.ts';
import { buildGate, buildGateFields } from './gate-spec.ts';
import type { HttpFields } from './http-schema.ts';
import { buildMetric, buildMetricFields } from './metric-spec.ts';
import type { JudgeFields } from './judge-schema.ts';
import type { PreviewAddressFields } from './preview-address-schema.ts';
import type { RouterFields } from './router-schema.ts';
import type { Manifest } from './schema.ts';
import type { StepFields, StrategyFields } from './strategy-schema.ts';

/*
 * A manifest as it was read, and the service that it describes: each is made of the other here, and nowhere else. The two
 * differ where a key reads better than a property, and a property says its unit.
 */

/** The service that a manifest describes. */
export function buildSpec(manifest: Manifest): ServiceSpec {
  const { name, environment, artifact, blueprint, router, strategy, checks, retention } = manifest;
  const { concurrency, drift, rollbackSafety, rollbackWindow, freezeOnFail, progressDeadline, pool } = manifest;
  const { gates, hooks, rollbackOn, migrations } = manifest;
  return {
    service: { name, environment },
    artifact,
    blueprint: {
      ...(typeof blueprint === 'string' ? { name: blueprint, config: {} } : blueprint),
      ...(pool === undefined ? {} : { pool }),
    },
    router: routerOf(router),
    strategy: strategyOf(strategy),
    checks: checks.map(buildCheck),
    retention: { warm: retention.warm, warmForMs: retention.for },
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(drift === undefined ? {} : { drift }),
    ...(rollbackSafety === undefined ? {} : { rollbackSafety }),
    ...(rollbackWindow === undefined ? {} : { rollbackWindow: windowOf(rollbackWindow) }),
    ...freezeOf(freezeOnFail),
    ...(progressDeadline === undefined ? {} : { progressDeadlineMs: progressDeadline }),
    ...(hooks === undefined ? {} : { hooks: hooks.map(buildHook) }),
    ...(rollbackOn === undefined ? {} : { rollbackOn }),
    ...(migrations === undefined ? {} : { migrations: buildMigrations(migrations) }),
    ...(gates === undefined ? {} : { gates: gates.map(buildGate) }),
  };
}

function windowOf({ revisions, duration: durationMs }: NonNullable<Manifest['rollbackWindow']>): RollbackWindow {
  return {
    ...(revisions === undefined ? {} : { revisions }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

function freezeOf(freeze: Manifest['freezeOnFail']): Pick<ServiceSpec, 'freezeOnFail'> {
  if (freeze === undefined || freeze === false) return {};
  if (freeze === true) return { freezeOnFail: DEFAULT_FREEZE };
  return { freezeOnFail: { forMs: freeze.for, then: freeze.then } };
}

/** The manifest of a service, complete with what it says by default. */
export function buildManifest(spec: ServiceSpec): Omit<Manifest, 'apiVersion' | 'kind'> {
  const { service, artifact, router, strategy, checks, retention } = spec;
  const { concurrency, drift, rollbackSafety, rollbackWindow, freezeOnFail, progressDeadlineMs } = spec;
  const { gates, hooks, rollbackOn, migrations } = spec;
  const { pool, ...blueprint } = spec.blueprint;
  return {
    ...service,
    artifact,
    blueprint,
    ...(pool === undefined ? {} : { pool }),
    router: routerKeysOf(router),
    strategy: strategyKeysOf(strategy),
    checks: checks.map(buildManifestCheck),
    retention: { warm: retention.warm, for: retention.warmForMs },
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(drift === undefined ? {} : { drift }),
    ...(rollbackSafety === undefined ? {} : { rollbackSafety }),
    ...(hooks === undefined ? {} : { hooks: hooks.map(buildHookFields) }),
    ...(rollbackOn === undefined ? {} : { rollbackOn }),
    ...(migrations === undefined ? {} : { migrations: buildMigrationFields(migrations) }),
    ...(gates === undefined ? {} : { gates: gates.map(buildGateFields) }),
    ...(rollbackWindow === undefined ? {} : { rollbackWindow: windowKeysOf(rollbackWindow) }),
    ...(freezeOnFail === undefined ? {} : { freezeOnFail: { for: freezeOnFail.forMs, then: freezeOnFail.then } }),
    ...(progressDeadlineMs === undefined ? {} : { progressDeadline: progressDeadlineMs }),
  };
}

function windowKeysOf({ revisions, durationMs: duration }: RollbackWindow): NonNullable<Manifest['rollbackWindow']> {
  return {
    ...(revisions === undefined ? {} : { revisions }),
    ...(duration === undefined ? {} : { duration }),
  };
}

function routerOf(router: Manifest['router']): RouterSpec {
  return buildRouter(typeof router === 'string' ? { kind: router, drain: DEFAULT_DRAIN_MS } : router);
}

function buildRouter({ kind, port, listen, strictPort, drain: drainMs, ...more }: RouterFields): RouterSpec {
  switch (kind) {
    case 'embedded':
    case 'haproxy':
      return {
        kind,
        ...(port === undefined ? {} : { port }),
        ...(listen === undefined ? {} : { listen }),
        ...(strictPort ? { strictPort } : {}),
        drainMs,
      };
    case 'aws-alb': {
      const { rule = '', settle, lastSettle, healthyLooks, sticky } = more;
      return {
        kind,
        rule,
        ...(settle === undefined ? {} : { settleMs: settle }),
        ...(lastSettle === undefined ? {} : { lastSettleMs: lastSettle }),
        ...(healthyLooks === undefined ? {} : { healthyLooks }),
        ...(sticky === undefined ? {} : { stickyMs: sticky }),
        drainMs,
      };
    }
  }
}

function routerKeysOf({ drainMs: drain = DEFAULT_DRAIN_MS, ...router }: RouterSpec): RouterFields {
  if (router.kind !== 'aws-alb') return { ...router, drain };
  const { settleMs: settle, lastSettleMs: lastSettle, stickyMs: sticky, ...more } = router;
  return { ...more, settle, lastSettle, sticky, drain };
}

function strategyOf(strategy: StrategyFields): StrategySpec {
  if (typeof strategy === 'string') return resolvePreset(strategy);
  const { kind, bake: bakeMs, leastRequests, waitForRequests, cohort, inspection, preview } = strategy;
  const { steps = [], step = 0, growth = 0, every: everyMs = 0 } = strategy;
  const terms = {
    bakeMs,
    ...(leastRequests === undefined ? {} : { leastRequests }),
    ...(waitForRequests === undefined ? {} : { waitForRequestsMs: waitForRequests }),
    ...(cohort === undefined ? {} : { cohort: cohortOf(cohort) }),
    ...judgesOf(strategy),
  };
  switch (kind) {
    case 'blue-green':
      return {
        kind,
        ...(inspection === undefined ? {} : { inspection: { holdMs: inspection.holdFor, then: inspection.then } }),
        ...(preview === undefined ? {} : { preview: previewOf(preview) }),
        ...terms,
      };
    case 'canary':
      return { kind, steps: steps.map(stepOf), ...terms };
    case 'linear':
      return { kind, step, everyMs, ...terms };
    case 'exponential':
      return { kind, growth, everyMs, ...terms };
  }
}

function cohortOf({ header, cookie, bake: bakeMs, leastRequests }: CohortFields): CohortSpec {
  return {
    ...(header === undefined ? {} : { header }),
    ...(cookie === undefined ? {} : { cookie }),
    bakeMs,
    ...(leastRequests === undefined ? {} : { leastRequests }),
  };
}

function previewOf({ port }: PreviewAddressFields): PreviewAddressSpec {
  return port === undefined ? {} : { port };
}

function stepOf({ weight, bake: bakeMs, leastRequests }: StepFields): CanaryStep {
  return { weight, bakeMs, ...(leastRequests === undefined ? {} : { leastRequests }) };
}

/** A limit that forgives nothing is left out. */
function judgesOf({ failureLimit, alarms, metrics, analysis }: JudgeFields): StepJudges {
  const isNone = failureLimit === undefined || isDeepStrictEqual(failureLimit, NO_FAILURES);
  return {
    ...(isNone ? {} : { failureLimit }),
    ...(alarms === undefined ? {} : { alarms }),
    ...(metrics === undefined ? {} : { metrics: metrics.map(buildMetric) }),
    ...(analysis === undefined ? {} : { analysis: analysisOf(analysis) }),
  };
}

function strategyKeysOf(strategy: StrategySpec): StrategyFields {
  const { bakeMs: bake, leastRequests, waitForRequestsMs: waitForRequests, cohort } = strategy;
  return {
    ...{ ...ownKeysOf(strategy), bake, leastRequests, waitForRequests },
    cohort: cohort && cohortKeysOf(cohort),
    ...judgeKeysOf(strategy),
  };
}

function cohortKeysOf({ bakeMs: bake, ...cohort }: CohortSpec): CohortFields {
  return { ...cohort, bake };
}

/** What a strategy has that others have not. */
function ownKeysOf(strategy: StrategySpec) {
  const { kind } = strategy;
  switch (kind) {
    case 'blue-green':
      return {
        kind,
        inspection: strategy.inspection && { holdFor: strategy.inspection.holdMs, then: strategy.inspection.then },
        preview: strategy.preview,
      };
    case 'canary':
      return { kind, steps: strategy.steps.map(({ bakeMs: bake, ...step }) => ({ ...step, bake })) };
    case 'linear':
      return { kind, step: strategy.step, every: strategy.everyMs };
    case 'exponential':
      return { kind, growth: strategy.growth, every: strategy.everyMs };
  }
}

function judgeKeysOf({ failureLimit, alarms, metrics, analysis }: StepJudges): JudgeFields {
  return {
    ...{ failureLimit, alarms, metrics: metrics?.map(buildMetricFields) },
    analysis: analysis && { ...analysis, dryRun: analysis.dryRun ?? false },
  };
}

function analysisOf({ errorsAtMost, compare, leastRequests, budgets, dryRun }: AnalysisFields): AnalysisSpec {
  return {
    ...(errorsAtMost === undefined ? {} : { errorsAtMost }),
    ...(compare === undefined ? {} : { compare: comparisonOf(compare) }),
    ...{ leastRequests, budgets },
    ...(dryRun ? { dryRun } : {}),
  };
}

function comparisonOf({ baseline, errors, latency }: NonNullable<AnalysisFields['compare']>): ComparisonSpec {
  return { ...(baseline === 'fresh' ? { baseline } : {}), errors, ...(latency === undefined ? {} : { latency }) };
}

export function buildCheck({ name, http, command, workingDirectory, ...times }: CheckFields): CheckSpec {
  const { successes, interval, deadline, timeout } = times;
  const timing: CheckTiming = {
    successes,
    intervalMs: interval,
    timeoutMs: chooseTimeout(timeout, deadline),
    deadlineMs: deadline,
  };
  if (http) return { kind: 'http', name, ...httpOf(http), ...timing };
  const place = workingDirectory === undefined ? {} : { workingDirectory };
  return { kind: 'command', name, command: command ?? [], ...place, ...timing };
}

export function buildManifestCheck(check: CheckSpec): CheckFields {
  const { name, successes, intervalMs: interval, timeoutMs: timeout, deadlineMs: deadline } = check;
  const times = { successes, interval, timeout, deadline };
  if (check.kind === 'http') return { name, http: httpKeysOf(check), ...times };
  const { command, workingDirectory } = check;
  return { name, command, ...(workingDirectory === undefined ? {} : { workingDirectory }), ...times };
}

function httpOf({ maxLatency, ...http }: HttpFields): Omit<HttpCheck, keyof CheckTiming | 'kind' | 'name'> {
  const { path, status, method, requestHeaders, requestBody, tls, follow, bodyContains, bodyMatches, json } = http;
  const responseHeaders = Object.entries(http.responseHeaders).map(([name, match]) => [
    name.toLowerCase(),
    matchOf(match),
  ]);
  return {
    path,
    status,
    responseHeaders: Object.fromEntries(responseHeaders) as HttpCheck['responseHeaders'],
    ...(method === undefined ? {} : { method }),
    ...(requestHeaders === undefined || Object.keys(requestHeaders).length === 0 ? {} : { requestHeaders }),
    ...(requestBody === undefined ? {} : { requestBody }),
    ...tlsOf(tls),
    ...(follow ? { follow } : {}),
    ...(bodyContains === undefined ? {} : { bodyContains }),
    ...(bodyMatches === undefined ? {} : { bodyMatches }),
    ...(json === undefined || json.length === 0 ? {} : { json: json.map(assertionOf) }),
    ...(maxLatency === undefined ? {} : { maxLatencyMs: maxLatency }),
  };
}

function httpKeysOf(check: HttpCheck): HttpFields {
  const { path, status, method, requestHeaders, requestBody, tls, follow = false } = check;
  const { responseHeaders, bodyContains, bodyMatches, json, maxLatencyMs: maxLatency } = check;
  const asked = { path, method, requestHeaders, requestBody, tls, follow };
  return { ...asked, status, responseHeaders, bodyContains, bodyMatches, json, maxLatency };
}

function tlsOf(tls: HttpFields['tls']): Pick<HttpCheck, 'tls'> {
  if (tls === undefined || tls === false) return {};
  if (tls === true) return { tls: {} };
  const { insecure, serverName } = tls;
  return { tls: { ...(insecure ? { insecure } : {}), ...(serverName === undefined ? {} : { serverName }) } };
}

function matchOf(match: HttpFields['responseHeaders'][string]): TextMatch {
  if (typeof match === 'string') return { equals: match };
  if (match.contains !== undefined) return { contains: match.contains };
  return match.matches === undefined ? { equals: match.equals ?? '' } : { matches: match.matches };
}

function assertionOf({
  path,
  equals,
  matches,
}: NonNullable<HttpFields['json']>[number]): NonNullable<HttpCheck['json']>[number] {
  return { path, ...(equals === undefined ? {} : { equals }), ...(matches === undefined ? {} : { matches }) };
}
