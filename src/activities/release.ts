import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical-json.ts';
import { choosePool, readPool } from '../domain/pools/pool.ts';
import {
  type ExactBlueprint,
  type Revision,
  type RevisionRef,
  computeArtifactIdentity,
  formatArtifactLabel,
} from '../domain/service/revision.ts';
import { type BlueprintRef, type ServiceSpec, pickSettings } from '../domain/service/service.ts';
import type { Entry } from '../domain/service/state.ts';
import type { SpecRef } from '../domain/service/service.ts';
import type { BlueprintDescription } from '../stacks/driver.ts';
import type { RolloutRequest } from '../store/catalogue/request-log.ts';

type Release = Pick<Revision, 'artifact' | 'blueprint' | 'checks'>;

/** A blueprint as a release is made by it, of what was asked for and what the blueprint says of that. */
export function fixBlueprint(
  { name, config }: BlueprintRef,
  made: Pick<BlueprintDescription, 'digest' | 'pool'>,
): ExactBlueprint {
  return { name, config, digest: made.digest, ...readPool(made) };
}

/** Two that agree in this need one revision: what is run, how and where, and what it has to prove. */
export function computeReleaseDigest({ artifact, blueprint, checks }: Release): string {
  return sha256({ artifact: computeArtifactIdentity(artifact), blueprint, checks });
}

/** A revision as workflows carry it. */
export function toRevisionRef(revision: Release & Pick<Revision, 'number'>): RevisionRef {
  const { number, artifact, blueprint } = revision;
  return {
    number,
    release: computeReleaseDigest(revision),
    label: formatArtifactLabel(artifact),
    ...choosePool(blueprint.pool, undefined),
  };
}

/** A description as workflows carry it. */
export function toSpecRef(spec: ServiceSpec): SpecRef {
  return { digest: sha256(spec), settings: pickSettings(spec) };
}

/** A rollout that was asked for, as workflows carry it. */
export function toQueueEntry({
  service: _service,
  reason: _reason,
  hooks: _hooks,
  contract: _contract,
  breakGlass: _glass,
  before: _before,
  revision,
  ...entry
}: RolloutRequest): Entry {
  return { ...entry, ...(revision ? { revision: toRevisionRef(revision) } : {}) };
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
