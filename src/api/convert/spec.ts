import type { JsonObject as MessageJson, MessageInitShape } from '@bufbuild/protobuf';
import type { CheckSpec, CheckTiming } from '../../domain/checks.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ServiceSpec } from '../../domain/service.ts';
import {
  type Check,
  type CheckSchema,
  Router_Kind,
  type ServiceSpec as SpecMessage,
  type ServiceSpecSchema,
  Strategy_Kind,
} from '../../gen/supplant/v1/services_pb.ts';
import { DEFAULT_RETENTION, DEFAULT_STRATEGY, DEFAULT_TIMING } from '../../manifest/defaults.ts';
import { policies } from './enums.ts';
import { given } from './given.ts';
import { fromDuration, toDuration } from './time.ts';

export function toSpec(spec: ServiceSpec): MessageInitShape<typeof ServiceSpecSchema> {
  const { service, artifact, blueprint, router, strategy, checks, retention, concurrency } = spec;
  return {
    service: service.name,
    environment: service.environment,
    artifact,
    blueprint: { name: blueprint.name, config: blueprint.config },
    router: { kind: Router_Kind.EMBEDDED, ...given({ port: router.port }) },
    strategy: { kind: Strategy_Kind.BLUE_GREEN, bake: toDuration(strategy.bakeMs) },
    checks: checks.map(toCheck),
    retention: { warm: retention.warm, warmFor: toDuration(retention.warmForMs) },
    ...(concurrency === undefined ? {} : { concurrency: policies.number(concurrency) }),
  };
}

export function toCheck(check: CheckSpec): MessageInitShape<typeof CheckSchema> {
  return {
    name: check.name,
    probe: check.kind === 'command' ? { case: 'command', value: { command: check.command } } : toHttp(check),
    successes: check.successes,
    interval: toDuration(check.intervalMs),
    timeout: toDuration(check.timeoutMs),
    deadline: toDuration(check.deadlineMs),
  };
}

function toHttp(check: CheckSpec & { kind: 'http' }) {
  const { path, status, headers, bodyContains, maxLatencyMs } = check;
  const maxLatency = maxLatencyMs === undefined ? undefined : toDuration(maxLatencyMs);
  return { case: 'http' as const, value: { path, status, headers, ...given({ bodyContains, maxLatency }) } };
}

/** A spec that a gateway sent, which is complete with defaults. For one that a caller sent see `readSpec`. */
export function fromSpec(message: SpecMessage): ServiceSpec {
  const { service, environment, artifact, blueprint, router, strategy, checks, retention, concurrency } = message;
  return {
    service: { name: service, environment },
    artifact,
    blueprint: { name: blueprint?.name ?? '', config: fromStruct(blueprint?.config) },
    router: { kind: 'embedded', ...given({ port: router?.port }) },
    strategy: { kind: 'blue-green', bakeMs: fromDuration(strategy?.bake, DEFAULT_STRATEGY.bakeMs) },
    checks: checks.map(fromCheck),
    retention: {
      warm: retention?.warm ?? DEFAULT_RETENTION.warm,
      warmForMs: fromDuration(retention?.warmFor, DEFAULT_RETENTION.warmForMs),
    },
    ...given({ concurrency: policies.word(concurrency) }),
  };
}

export function fromCheck({ name, probe, successes, interval, timeout, deadline }: Check): CheckSpec {
  const timing: CheckTiming = {
    successes: successes ?? DEFAULT_TIMING.successes,
    intervalMs: fromDuration(interval, DEFAULT_TIMING.intervalMs),
    timeoutMs: fromDuration(timeout, DEFAULT_TIMING.timeoutMs),
    deadlineMs: fromDuration(deadline, DEFAULT_TIMING.deadlineMs),
  };
  if (probe.case === 'command') return { kind: 'command', name, command: probe.value.command, ...timing };
  const { path = '/', status = [], headers = {}, bodyContains, maxLatency } = probe.value ?? {};
  const maxLatencyMs = maxLatency && fromDuration(maxLatency, 0);
  return { kind: 'http', name, path, status, headers, ...timing, ...given({ bodyContains, maxLatencyMs }) };
}

/** A `google.protobuf.Struct`; the generated code keeps it as JSON. */
export function fromStruct(struct: MessageJson | undefined): JsonObject {
  return struct ?? {};
}
