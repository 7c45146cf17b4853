import { isAbsolute, resolve } from 'node:path';
import type { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import type { ExperimentSpec } from '../../domain/experiment/experiment.ts';
import { type ExperimentFault, findExperimentFaults } from '../../domain/experiment/faults.ts';
import { ALWAYS } from '../fields.ts';
import { type Fault, formatPath, type Problem } from '../fault.ts';
import { ABSOLUTE_WANTED, anchorArtifact, relativeFolder } from '../manifest/artifact-folder.ts';
import { checkValue, refuse } from '../problems.ts';
import { readYaml } from '../yaml/read.ts';
import type { CheckFields } from '../manifest/check-schema.ts';
import type { DrillFields } from './drill-schema.ts';
import { type ExperimentManifest, experimentSchema } from './schema.ts';
import { buildExperimentSpec } from './spec.ts';

export type ParsedExperiment = { ok: true; spec: ExperimentSpec } | { ok: false; faults: Fault[] };

const WHOLE = 'an experiment: apiVersion, kind, name, environment, variants or drill, and ttl';

/**
 * Reads an experiment's manifest: complete with defaults, or with all its faults. Never throws. Relative paths count from
 * `folder`, which is absolute; without one they are faults.
 */
export function parseExperimentManifest(text: string, folder?: string): ParsedExperiment {
  const read = readYaml(text, folder === undefined ? unplacedSchema : wholeSchema, WHOLE);
  if (!read.ok) return read;
  return { ok: true, spec: buildExperimentSpec(folder === undefined ? read.value : anchorPaths(read.value, folder)) };
}

/** Checks what a manifest says where it came as a value instead of a file; its paths must be absolute. */
export function checkExperimentManifest(
  value: unknown,
): { ok: true; spec: ExperimentSpec } | { ok: false; problems: Problem[] } {
  const checked = checkValue(unplacedSchema, value);
  return checked.ok ? { ok: true, spec: buildExperimentSpec(checked.value) } : checked;
}

type Path = (string | number)[];

/** What names a folder in a manifest that may be faulty, and where: artifacts, and folders that commands run in. */
interface Places {
  artifacts: { path: Path; value: string }[];
  folders: { path: Path; value: string }[];
}

function placesOf({ variants, drill, probes }: { variants?: unknown; drill?: unknown; probes?: unknown }): Places {
  const places: Places = { artifacts: [], folders: [] };
  const note = (to: Places['artifacts'], path: Path, value: unknown): void => {
    if (typeof value === 'string' && value !== '') to.push({ path, value });
  };
  for (const [index, variant] of listed(variants)) {
    const at = ['variants', index];
    note(places.artifacts, [...at, 'artifact'], variant.artifact);
    note(places.artifacts, [...at, 'patch', 'artifact'], (variant.patch as { artifact?: unknown } | null)?.artifact);
    for (const [place, check] of listed(variant.checks)) {
      note(places.folders, [...at, 'checks', place, 'workingDirectory'], check.workingDirectory);
    }
  }
  const { release, checks } = (isObject(drill) ? drill : {}) as { release?: unknown; checks?: unknown };
  if (isObject(release)) {
    note(places.artifacts, ['drill', 'release', 'artifact'], release.artifact);
    const { artifact } = isObject(release.patch) ? release.patch : {};
    note(places.artifacts, ['drill', 'release', 'patch', 'artifact'], artifact);
    for (const [place, check] of listed(release.checks)) {
      note(places.folders, ['drill', 'release', 'checks', place, 'workingDirectory'], check.workingDirectory);
    }
  }
  for (const [place, check] of listed(checks)) {
    note(places.folders, ['drill', 'checks', place, 'workingDirectory'], check.workingDirectory);
  }
  for (const [index, probe] of listed(probes)) {
    note(places.folders, ['probes', index, 'workingDirectory'], probe.workingDirectory);
  }
  return places;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listed(value: unknown): [number, Record<string, unknown>][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) =>
    typeof item === 'object' && item !== null ? [[index, item as Record<string, unknown>]] : [],
  );
}

/** What is wrong between its parts, beside what is wrong with each. */
const wholeSchema = experimentSchema.superRefine((manifest, context) => {
  const known = context.issues.flatMap((issue) => faultyPaths(issue));
  for (const { message, path } of findFaultsBetween(manifest)) {
    if (known.some((faulty) => path === faulty || (path.startsWith(faulty) && /^[.[]/.test(path.slice(faulty.length)))))
      continue;
    const [, wanted = message.replace(/^expected /, ''), found = 'none'] =
      /^expected (.*), found (.*)$/s.exec(message) ?? [];
    refuse(context, { path: readPath(path), wanted, found });
  }
}, ALWAYS);

/** Where something is wrong already. Of a key that is not known, what is around it is not. */
function faultyPaths(issue: z.core.$ZodRawIssue): string[] {
  const path = (issue.path ?? []) as Path;
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key: string) => formatPath([...path, key]))
    : [formatPath(path)];
}

/** None where its parts are of the wrong type: that is told of them. How long a run may last is for a server to say. */
function findFaultsBetween(manifest: ExperimentManifest): ExperimentFault[] {
  try {
    return findExperimentFaults(buildExperimentSpec(manifest), { longestTtlMs: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (error instanceof TypeError) return [];
    throw error;
  }
}

/** Reads `variants[1].name`. */
function readPath(text: string): Path {
  return text.split(/[.[\]]+/).flatMap((part) => (part === '' ? [] : [/^\d+$/.test(part) ? Number(part) : part]));
}

/** A manifest of which nobody knows where it was written. */
const unplacedSchema = wholeSchema.superRefine((manifest, context) => {
  const { artifacts, folders } = placesOf(manifest);
  for (const { path, value } of artifacts) {
    if (relativeFolder(value) !== undefined) refuse(context, { path, wanted: ABSOLUTE_WANTED, found: `'${value}'` });
  }
  for (const { path, value } of folders) {
    if (!isAbsolute(value)) refuse(context, { path, wanted: 'an absolute path', found: `'${value}'` });
  }
}, ALWAYS);

/** The manifest with its paths absolute; its commands run in its folder unless told. */
function anchorPaths(manifest: ExperimentManifest, folder: string): ExperimentManifest {
  const { variants, drill, probes } = manifest;
  return {
    ...manifest,
    ...(variants === undefined
      ? {}
      : { variants: variants.map((variant) => ({ ...variant, ...anchorParts(variant, folder) })) }),
    ...(drill === undefined ? {} : { drill: anchorDrill(drill, folder) }),
    ...(probes === undefined ? {} : { probes: probes.map((probe) => anchorCommand(probe, folder)) }),
  };
}

function anchorDrill({ release, checks, ...drill }: DrillFields, folder: string): DrillFields {
  return {
    ...drill,
    ...(release === undefined ? {} : { release: { ...release, ...anchorParts(release, folder) } }),
    ...anchorParts({ checks }, folder),
  };
}

interface Anchored {
  artifact?: string | undefined;
  patch?: JsonObject | undefined;
  checks?: CheckFields[] | undefined;
}

/** Those of its parts that name a folder, absolute. */
function anchorParts(
  { artifact, patch, checks }: Anchored,
  folder: string,
): { artifact?: string; patch?: JsonObject; checks?: CheckFields[] } {
  return {
    ...(artifact === undefined ? {} : { artifact: anchorArtifact(artifact, folder) }),
    ...(patch === undefined ? {} : { patch: anchorPatch(patch, folder) }),
    ...(checks === undefined ? {} : { checks: checks.map((check) => anchorCommand(check, folder)) }),
  };
}

function anchorPatch(patch: JsonObject, folder: string): JsonObject {
  return typeof patch.artifact === 'string' ? { ...patch, artifact: anchorArtifact(patch.artifact, folder) } : patch;
}

function anchorCommand<Check extends { command?: string[] | undefined; workingDirectory?: string | undefined }>(
  check: Check,
  folder: string,
): Check {
  if (!check.command) return check;
  return { ...check, workingDirectory: resolve(folder, check.workingDirectory ?? '.') };
}
