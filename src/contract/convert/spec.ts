import type { JsonObject as MessageJson, MessageInitShape } from '@bufbuild/protobuf';
import { durationMs } from '@bufbuild/protobuf/wkt';
import type { CheckSpec } from '../../domain/evidence/checks.ts';
import { ANALYSIS_DEFAULTS, DEFAULT_BUDGETS } from '../../domain/evidence/judge/analysis-spec.ts';
import { DEFAULT_COMMAND_TIMEOUT_MS } from '../../domain/evidence/metric-spec.ts';
import { DEFAULT_APPROVERS, DEFAULT_ASKED_EVERY_MS, DEFAULT_EXPIRY_MS } from '../../domain/gates/gate.ts';
import type { JsonObject } from '../../domain/json.ts';
import { DEFAULT_DRAIN_MS, DEFAULT_ROUTER, type ServiceSpec } from '../../domain/service/service.ts';
import { INSPECTION_DEFAULTS, NO_FAILURES } from '../../domain/service/strategy.ts';
import { DEFAULT_RETENTION, DEFAULT_STRATEGY, DEFAULT_TIMING } from '../../config/manifest/defaults.ts';
import type { Manifest } from '../../config/manifest/schema.ts';
import { buildCheck, buildCheckFields } from '../../config/manifest/check-spec.ts';
import { buildManifest, buildSpec } from '../../config/manifest/spec.ts';
import {
  type Check,
  CheckSchema,
  type ServiceSpec as SpecMessage,
  ServiceSpecSchema,
} from '../gen/supplant/v1/services_pb.ts';
import { type Fields, type Notation, readFields, writeFields } from './spec-fields.ts';

/** As a manifest is read: durations in milliseconds. What a newer gateway knows is left out. */
const AS_READ: Notation = { duration: durationMs, unknownWord: () => undefined };

export function toSpec(spec: ServiceSpec): MessageInitShape<typeof ServiceSpecSchema> {
  return writeFields(ServiceSpecSchema, buildManifest(spec));
}

/** A spec that a gateway sent, which is complete with defaults. For one that a caller sent see `readDescription`. */
export function fromSpec(message: SpecMessage): ServiceSpec {
  return buildSpec(complete(readFields(ServiceSpecSchema, message, AS_READ)));
}

export function toCheck(check: CheckSpec): MessageInitShape<typeof CheckSchema> {
  return writeFields(CheckSchema, buildCheckFields(check));
}

export function fromCheck(message: Check): CheckSpec {
  return buildCheck(completeCheck(readFields(CheckSchema, message, AS_READ)));
}

/** With what a message leaves out because it is empty or not known here. */
function complete(fields: Fields): Manifest {
  const { blueprint, router, strategy, retention, checks = [], gates } = fields as Record<string, Fields | undefined>;
  const { failureLimit, metrics, analysis, steps, inspection, cohort, ...moves } = strategy ?? {};
  const completed = {
    ...{ name: '', environment: '', artifact: '', ...fields },
    blueprint: { name: '', config: {}, ...blueprint },
    router: { kind: DEFAULT_ROUTER.kind, drain: DEFAULT_DRAIN_MS, ...router },
    strategy: {
      ...{ kind: DEFAULT_STRATEGY.kind, bake: DEFAULT_STRATEGY.bakeMs, ...moves },
      ...(steps === undefined ? {} : { steps: (steps as Fields[]).map((step) => ({ weight: 0, bake: 0, ...step })) }),
      ...(inspection === undefined ? {} : { inspection: completeInspection(inspection as Fields) }),
      ...(cohort === undefined ? {} : { cohort: { bake: 0, ...(cohort as Fields) } }),
      ...(failureLimit === undefined ? {} : { failureLimit: { ...NO_FAILURES, ...failureLimit } }),
      ...(metrics === undefined ? {} : { metrics: (metrics as Fields[]).map(completeMetric) }),
      ...(analysis === undefined ? {} : { analysis: completeAnalysis(analysis as Fields) }),
    },
    retention: { warm: DEFAULT_RETENTION.warm, for: DEFAULT_RETENTION.warmForMs, ...retention },
    checks: (checks as Fields[]).map(completeCheck),
    ...(gates === undefined ? {} : { gates: (gates as unknown as Fields[]).map(completeGate) }),
  };
  return completed as unknown as Manifest;
}

function completeInspection(inspection: Fields): Fields {
  return { holdFor: INSPECTION_DEFAULTS.holdMs, then: INSPECTION_DEFAULTS.then, ...inspection };
}

function completeGate({ approval, window, webhook, ...gate }: Fields): Fields {
  const defaults = { from: DEFAULT_APPROVERS, least: 1, notRequester: true, reason: 'optional', temporalUi: false };
  return {
    ...{ before: 'shift', expiresAfter: DEFAULT_EXPIRY_MS, then: 'rollback', ...gate },
    ...(approval === undefined ? {} : { approval: { ...defaults, ...(approval as Fields) } }),
    ...(window === undefined ? {} : { window: { timeZone: 'UTC', ...(window as Fields) } }),
    ...(webhook === undefined
      ? {}
      : { webhook: { url: '', secret: '', every: DEFAULT_ASKED_EVERY_MS, ...(webhook as Fields) } }),
  };
}

function completeMetric({ cloudwatch, command, ...metric }: Fields): Fields {
  const timeout = DEFAULT_COMMAND_TIMEOUT_MS;
  return {
    leastSamples: 1,
    ...metric,
    ...(command === undefined ? {} : { command: { run: [], timeout, ...(command as Fields) } }),
    ...(cloudwatch === undefined
      ? {}
      : { cloudwatch: { namespace: '', metric: '', statistic: '', ...(cloudwatch as Fields) } }),
  };
}

function completeAnalysis({ compare, budgets, ...analysis }: Fields): Fields {
  const { alpha, leastRequests, ...latencyDefaults } = ANALYSIS_DEFAULTS;
  const { errors, latency, ...baseline } = (compare ?? {}) as Record<string, Fields | undefined>;
  const compared = {
    ...baseline,
    errors: { alpha, ...errors },
    ...(latency === undefined ? {} : { latency: { ...latencyDefaults, ...latency } }),
  };
  return {
    ...{ leastRequests, dryRun: false, ...analysis },
    ...(compare === undefined ? {} : { compare: compared }),
    budgets: { ...DEFAULT_BUDGETS, ...(budgets as Fields | undefined) },
  };
}

function completeCheck({ http, ...check }: Fields): Manifest['checks'][number] {
  const { successes, intervalMs: interval, timeoutMs: timeout, deadlineMs: deadline } = DEFAULT_TIMING;
  const completed = {
    ...{ successes, interval, timeout, deadline, ...check },
    ...(http === undefined ? {} : { http: { path: '/', status: [], responseHeaders: {}, follow: false, ...http } }),
  };
  return completed as unknown as Manifest['checks'][number];
}

/** A `google.protobuf.Struct`; the generated code keeps it as JSON. */
export function fromStruct(struct: MessageJson | undefined): JsonObject {
  return struct ?? {};
}
