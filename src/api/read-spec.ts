import { policies } from './convert/enums.ts';
import type { Duration } from '@bufbuild/protobuf/wkt';
import type { ServiceSpec } from '../domain/service.ts';
import type { ApplyServiceRequest, Check, ServiceSpec as SpecMessage } from '../gen/supplant/v1/services_pb.ts';
import { formatDuration } from '../manifest/duration.ts';
import { faultMessage } from '../manifest/fault.ts';
import { API_VERSION, KIND, parseManifest } from '../manifest/parse.ts';
import { filled } from './convert/given.ts';
import type { Faults } from './faults.ts';

/**
 * What a service is to be, with defaults and within limits: those of a manifest, because a spec is read as one. Undefined
 * where there are faults.
 */
export function readDescription(
  faults: Faults,
  description: ApplyServiceRequest['description'],
): ServiceSpec | undefined {
  switch (description.case) {
    case 'spec':
      return readManifest(faults, JSON.stringify(asManifest(description.value)), fieldOf);
    case 'manifestYaml':
      return readManifest(faults, description.value, (path, line, column) => {
        const place = `manifest_yaml:${line}:${column}`;
        return path === '' ? place : `${place} ${path}`;
      });
    case undefined:
      faults.expected('description', 'one of spec, manifest_yaml', '');
      return undefined;
  }
}

function readManifest(
  faults: Faults,
  text: string,
  fieldAt: (path: string, line: number, column: number) => string,
): ServiceSpec | undefined {
  // JSON.stringify escapes half of a surrogate pair; YAML would make it one again.
  if (!text.isWellFormed() || /(?<!\\)(?:\\\\)*\\ud[89a-f]/i.test(text)) {
    faults.add('description', 'expected Unicode text, found half of a surrogate pair');
    return undefined;
  }
  const parsed = parseManifest(text);
  if (parsed.ok) return parsed.spec;
  for (const fault of parsed.faults) faults.add(fieldAt(fault.path, fault.line, fault.column), faultMessage(fault));
  return undefined;
}

/** The same as a manifest has it: what is absent in a message is left out there. */
function asManifest(spec: SpecMessage): object {
  const { blueprint, router, strategy, retention } = spec;
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    name: filled(spec.service),
    environment: filled(spec.environment),
    artifact: filled(spec.artifact),
    blueprint: blueprint && { name: filled(blueprint.name), config: blueprint.config },
    router: router && { kind: known(router.kind, 'embedded'), port: router.port },
    strategy: strategy && { kind: known(strategy.kind, 'blue-green'), bake: duration(strategy.bake) },
    checks: spec.checks.length === 0 ? undefined : spec.checks.map(checkAsManifest),
    retention: retention && { warm: retention.warm, for: duration(retention.warmFor) },
    concurrency: spec.concurrency === 0 ? undefined : (policies.word(spec.concurrency) ?? String(spec.concurrency)),
  };
}

function checkAsManifest({ name, probe, successes, interval, timeout, deadline }: Check): object {
  const http = probe.case === 'http' ? probe.value : undefined;
  return {
    name: filled(name),
    http: http && {
      path: filled(http.path),
      status: http.status.length === 0 ? undefined : http.status,
      headers: http.headers,
      bodyContains: http.bodyContains,
      maxLatency: duration(http.maxLatency),
    },
    command: probe.case === 'command' ? probe.value.command : undefined,
    successes,
    interval: duration(interval),
    timeout: duration(timeout),
    deadline: duration(deadline),
  };
}

/** The one kind there is, for its number and for none. */
function known(number: number, word: string): string | number {
  return number === 0 || number === 1 ? word : number;
}

/** As a manifest writes it; what it cannot write is left for it to refuse. */
function duration(value: Duration | undefined): string | undefined {
  if (!value) return undefined;
  const milliseconds = Number(value.seconds) * 1000 + value.nanos / 1_000_000;
  return milliseconds >= 0 && Number.isInteger(milliseconds) ? formatDuration(milliseconds) : `${milliseconds}ms`;
}

const FIELDS: Record<string, string> = {
  name: 'service',
  'retention.for': 'retention.warm_for',
};

/** The field that a path in the manifest stands for. */
function fieldOf(path: string): string {
  if (path === '') return 'spec';
  const field = path.startsWith('blueprint.config')
    ? path
    : (FIELDS[path] ??
      path.replaceAll(/\.(bodyContains|maxLatency)$/g, (key) =>
        key.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`),
      ));
  return `spec.${field}`;
}
