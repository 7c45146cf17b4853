import type { CheckSpec } from '../evidence/checks.ts';
import { DEFAULT_CHECKS } from '../evidence/default-checks.ts';
import type { Json, JsonObject } from '../json.ts';
import { DEFAULT_POOL, readPool } from '../pools/pool.ts';
import { type ExactBlueprint, type Revision, formatRevisionName } from '../service/revision.ts';
import { type BlueprintRef, type ServiceKey, formatServiceId } from '../service/service.ts';
import type { LikeSource, VariantSpec } from './experiment.ts';
import { applyMergePatch } from './merge-patch.ts';

/** What a variant's stack is made from, and what it has to prove. */
export interface ResolvedVariant {
  name: string;
  artifact: string;
  blueprint: BlueprintRef;
  checks: CheckSpec[];
  /** The revision that it is like. */
  like?: { service: ServiceKey; revision: number };
}

/** Something that is wrong with a variant. `path` is relative to it: `patch.artifact`. */
export interface VariantFault {
  path: string;
  message: string;
}

/** The revision that a variant is like. */
export type LikeRevision = Pick<Revision, 'service' | 'number' | 'artifact' | 'blueprint' | 'checks'>;

/**
 * What a variant comes to.
 *
 * @param revision the one that it is like, where it is like one and there is one
 */
export function resolveVariant(
  variant: VariantSpec,
  revision?: LikeRevision,
): ResolvedVariant | { faults: VariantFault[] } {
  const { name, source, checks } = variant;
  if (source.kind === 'release') {
    return { name, artifact: source.artifact, blueprint: source.blueprint, checks: checks ?? DEFAULT_CHECKS };
  }
  if (!revision) return { faults: [{ path: 'like', message: describeMissing(source) }] };
  const { artifact, blueprint } = revision;
  const patched = patchRelease({ artifact, blueprint: withRecordedPool(blueprint) }, source.patch ?? {});
  if ('faults' in patched) return patched;
  const { service, number } = revision;
  return { name, ...patched, checks: checks ?? revision.checks, like: { service, revision: number } };
}

function describeMissing({ service, revision }: LikeSource): string {
  const id = formatServiceId(service);
  if (revision === undefined) return `${id} has no live revision; deploy it, or name a revision: ${id}@r1`;
  return `${formatRevisionName(revision)} of ${id} is not recorded; name one of its revisions, or none for the live one`;
}

type Release = Pick<ResolvedVariant, 'artifact' | 'blueprint'>;

/**
 * A patch reaches what a release is made of, and nothing else: another blueprint would be another service. Faults are at
 * `patch`.
 */
export function patchRelease(
  { artifact, blueprint }: Release,
  patch: JsonObject,
): Release | { faults: VariantFault[] } {
  const { name, config } = blueprint;
  const merged = applyMergePatch({ artifact, blueprint: { config } }, patch) as JsonObject;
  const faults = findPatchFaults(merged);
  if (faults.length > 0) return { faults };
  const made = merged as unknown as { artifact: string; blueprint?: { config?: JsonObject } };
  const patched = { name, config: made.blueprint?.config ?? {} };
  return { artifact: made.artifact, blueprint: { ...patched, ...readPool(blueprint) } };
}

/** What a revision was made by, to be asked for once more: the pool that it was made in is none that a blueprint offers. */
export function withRecordedPool({ name, config, pool = DEFAULT_POOL }: ExactBlueprint): BlueprintRef {
  return { name, config, pool };
}

function findPatchFaults(merged: JsonObject): VariantFault[] {
  const { artifact, blueprint = {}, ...others } = merged;
  const faults: VariantFault[] = [];
  const fault = (path: string, message: string): unknown => faults.push({ path: `patch.${path}`, message });
  if (typeof artifact !== 'string' || artifact === '')
    fault('artifact', 'has to be a text, such as npm:http-server@14.1.1');
  for (const name of Object.keys(others))
    fault(name, 'is nothing that can be patched; use artifact or blueprint.config');
  if (!isObject(blueprint)) {
    fault('blueprint', 'has to be an object with config in it');
    return faults;
  }
  const { config = {}, ...more } = blueprint;
  if (!isObject(config)) fault('blueprint.config', 'has to be an object');
  for (const name of Object.keys(more))
    fault(`blueprint.${name}`, 'is nothing that can be patched; use blueprint.config');
  return faults;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
