import type { CheckSpec } from '../../evidence/checks.ts';
import { type Revision, formatArtifactLabel, formatRevisionName } from '../../service/revision.ts';
import { type BlueprintRef, type ServiceKey, formatServiceId } from '../../service/service.ts';
import { type ResolvedVariant, type VariantFault, patchRelease, withRecordedPool } from '../resolve.ts';
import { type CandidateSpec, DRILL_VARIANTS, type DrillSpec } from './drill.ts';

/** What a stack is made from, and what it has to prove. */
export interface Release {
  artifact: string;
  blueprint: BlueprintRef;
  checks: CheckSpec[];
}

/** One of the two releases of a drill. */
export interface DrillRelease extends Release {
  /** What people call it: `r5`, or the artifact of one that is not deployed. */
  label: string;
  /** Absent of one that is not deployed. */
  revision?: number;
}

/** The releases of a rollback: from which, and to which. */
export interface DrillReleases {
  from: DrillRelease;
  to: DrillRelease;
}

/** A revision as it is recorded. */
export type DrillRevision = Pick<Revision, 'number' | 'artifact' | 'blueprint' | 'checks'>;

/** What a service has when a drill begins. */
export interface DrillFacts {
  live?: DrillRevision;
  /** Where a rollback that names no revision would lead. */
  previous?: DrillRevision;
  /** What is to be tried before it is deployed; absent where nothing is, or where it is live by now. */
  candidate?: Release;
}

/**
 * The release that a deployment would make: how the service is described, with what is different. Faults are at `release`.
 *
 * @param described as a deployment of another artifact would take it
 */
export function buildCandidate(
  { artifact, patch = {}, checks }: CandidateSpec,
  described: Release,
): Release | { faults: VariantFault[] } {
  const made = patchRelease({ ...described, ...(artifact === undefined ? {} : { artifact }) }, patch);
  if ('faults' in made) return { faults: made.faults.map((fault) => ({ ...fault, path: `release.${fault.path}` })) };
  return { ...made, checks: checks ?? described.checks };
}

/** Which rollback a drill tries: from the candidate to what is live; without one, from what is live to what was before. */
export function chooseReleases(
  service: ServiceKey,
  { live, previous, candidate }: DrillFacts,
): DrillReleases | { faults: VariantFault[] } {
  const fault = (message: string) => ({ faults: [{ path: 'service', message }] });
  const id = formatServiceId(service);
  if (!live) return fault(`${id} has no live revision, and so nothing to go back from or to; deploy it first`);
  if (candidate) return { from: { ...candidate, label: formatArtifactLabel(candidate.artifact) }, to: named(live) };
  if (!previous) {
    return fault(
      `${id} has no revision before ${formatRevisionName(live.number)} to go back to; a release that is not deployed yet can be tried`,
    );
  }
  return { from: named(live), to: named(previous) };
}

function named({ number, artifact, blueprint, checks }: DrillRevision): DrillRelease {
  return {
    artifact,
    blueprint: withRecordedPool(blueprint),
    checks,
    label: formatRevisionName(number),
    revision: number,
  };
}

/** The stacks of a drill, all with the same patch, so that they have the same data. Faults are at `patch`. */
export function resolveDrill(
  { service, patch = {}, checks }: DrillSpec,
  { from, to }: DrillReleases,
): ResolvedVariant[] | { faults: VariantFault[] } {
  const releases = { first: from, back: to, again: from };
  const variants: ResolvedVariant[] = [];
  for (const name of DRILL_VARIANTS) {
    const release = releases[name];
    const made = patchRelease(release, patch);
    if ('faults' in made) return made;
    const { revision } = release;
    const like = revision === undefined ? {} : { like: { service, revision } };
    variants.push({ name, ...made, checks: checks ?? release.checks, ...like });
  }
  return variants;
}
