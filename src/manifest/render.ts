import { stringify } from 'yaml';
import type { CheckSpec } from '../domain/checks.ts';
import type { ServiceSpec } from '../domain/service.ts';
import { formatDuration } from './duration.ts';
import { API_VERSION, KIND } from './parse.ts';
import { writeStatus } from './status-codes.ts';

/** Writes a service as a manifest that reads back as the same service, every default spelled out. */
export function renderManifest(spec: ServiceSpec): string {
  return stringify({
    apiVersion: API_VERSION,
    kind: KIND,
    ...spec.service,
    artifact: spec.artifact,
    blueprint: spec.blueprint,
    router: spec.router,
    strategy: { kind: spec.strategy.kind, bake: formatDuration(spec.strategy.bakeMs) },
    checks: spec.checks.map(renderCheck),
    retention: { warm: spec.retention.warm, for: formatDuration(spec.retention.warmForMs) },
    ...(spec.concurrency === undefined ? {} : { concurrency: spec.concurrency }),
  });
}

function renderCheck(check: CheckSpec): Record<string, unknown> {
  return {
    name: check.name,
    ...(check.kind === 'command' ? { command: check.command } : { http: renderHttp(check) }),
    successes: check.successes,
    interval: formatDuration(check.intervalMs),
    timeout: formatDuration(check.timeoutMs),
    deadline: formatDuration(check.deadlineMs),
  };
}

function renderHttp(check: CheckSpec & { kind: 'http' }): Record<string, unknown> {
  const { path, headers, bodyContains, maxLatencyMs } = check;
  return {
    path,
    status: writeStatus(check.status),
    headers,
    ...(bodyContains === undefined ? {} : { bodyContains }),
    ...(maxLatencyMs === undefined ? {} : { maxLatency: formatDuration(maxLatencyMs) }),
  };
}
