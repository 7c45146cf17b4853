import { isAbsolute, resolve } from 'node:path';
import type { ServiceSpec } from '../../domain/service/service.ts';
import { ALWAYS } from '../fields.ts';
import type { Fault, Problem } from '../fault.ts';
import { checkValue, refuse } from '../problems.ts';
import { readYaml } from '../yaml/read.ts';
import { ABSOLUTE_WANTED, anchorArtifact, relativeFolder } from './artifact-folder.ts';
import type { MetricFields } from './metric-schema.ts';
import { type Manifest, manifestSchema } from './schema.ts';
import { buildSpec } from './spec.ts';
import type { StrategyFields } from './strategy-schema.ts';

export type ParsedManifest = { ok: true; spec: ServiceSpec } | { ok: false; faults: Fault[] };

/**
 * Reads a service's manifest (`supplant.yaml`): complete with defaults, or with all its faults. Never throws. Relative
 * paths count from `folder`, which is absolute; without one they are faults.
 */
export function parseManifest(text: string, folder?: string): ParsedManifest {
  const whole = 'a service: apiVersion, kind, name, environment, artifact and blueprint';
  const read = readYaml(text, folder === undefined ? unplacedSchema : manifestSchema, whole);
  if (!read.ok) return read;
  return { ok: true, spec: buildSpec(folder === undefined ? read.value : anchorPaths(read.value, folder)) };
}

/** Checks what a manifest says where it came as a value instead of a file; its paths must be absolute. */
export function checkManifest(value: unknown): { ok: true; spec: ServiceSpec } | { ok: false; problems: Problem[] } {
  const checked = checkValue(unplacedSchema, value);
  return checked.ok ? { ok: true, spec: buildSpec(checked.value) } : checked;
}

/** A manifest of which nobody knows where it was written. */
const unplacedSchema = manifestSchema.superRefine(({ artifact, checks, strategy }, context) => {
  if (typeof artifact === 'string' && relativeFolder(artifact) !== undefined) {
    refuse(context, { path: ['artifact'], wanted: ABSOLUTE_WANTED, found: `'${artifact}'` });
  }
  const refuseRelative = (directory: unknown, path: (string | number)[]): void => {
    if (typeof directory !== 'string' || directory === '' || isAbsolute(directory)) return;
    refuse(context, { path: [...path, 'workingDirectory'], wanted: 'an absolute path', found: `'${directory}'` });
  };
  for (const [index, check] of listOf<Manifest['checks'][number]>(checks).entries()) {
    refuseRelative(check?.workingDirectory, ['checks', index]);
  }
  const { metrics } = ((strategy as unknown) ?? {}) as { metrics?: unknown };
  for (const [index, metric] of listOf<MetricFields>(metrics).entries()) {
    refuseRelative(metric?.command?.workingDirectory, ['strategy', 'metrics', index, 'command']);
  }
}, ALWAYS);

/** Each entry may be faulty itself. */
function listOf<Entry>(value: unknown): (Partial<Entry> | null)[] {
  return Array.isArray(value) ? (value as (Partial<Entry> | null)[]) : [];
}

/** The manifest with its paths absolute; its commands run in its folder unless told. */
function anchorPaths(manifest: Manifest, folder: string): Manifest {
  return {
    ...manifest,
    artifact: anchorArtifact(manifest.artifact, folder),
    checks: manifest.checks.map((check) =>
      check.command ? { ...check, workingDirectory: resolve(folder, check.workingDirectory ?? '.') } : check,
    ),
    strategy: anchorMetrics(manifest.strategy, folder),
  };
}

function anchorMetrics(strategy: StrategyFields, folder: string): StrategyFields {
  if (typeof strategy === 'string' || strategy.metrics === undefined) return strategy;
  const metrics = strategy.metrics.map(({ command, ...metric }) =>
    command === undefined
      ? metric
      : { ...metric, command: { ...command, workingDirectory: resolve(folder, command.workingDirectory ?? '.') } },
  );
  return { ...strategy, metrics };
}
