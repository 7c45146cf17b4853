import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical-json.ts';
import {
  type Revision,
  type RevisionRef,
  computeArtifactIdentity,
  formatArtifactLabel,
} from '../domain/service/revision.ts';
import { type ServiceSpec, pickSettings } from '../domain/service/service.ts';
import type { Entry } from '../domain/service/state.ts';
import type { SpecRef } from '../domain/service/service.ts';
import type { RolloutRequest } from '../store/catalogue/request-log.ts';

type Release = Pick<Revision, 'artifact' | 'blueprint' | 'checks'>;

/** Two that agree in this need one revision: what is run, how, and what it has to prove. */
export function computeReleaseDigest({ artifact, blueprint, checks }: Release): string {
  return sha256({ artifact: computeArtifactIdentity(artifact), blueprint, checks });
}

/** A revision as workflows carry it. */
export function toRevisionRef(revision: Release & Pick<Revision, 'number'>): RevisionRef {
  const { number, artifact } = revision;
  return { number, release: computeReleaseDigest(revision), label: formatArtifactLabel(artifact) };
}

/** A description as workflows carry it. */
export function toSpecRef(spec: ServiceSpec): SpecRef {
  return { digest: sha256(spec), settings: pickSettings(spec) };
}

/** A rollout that was asked for, as workflows carry it. */
export function toQueueEntry({ service: _service, reason: _reason, revision, ...entry }: RolloutRequest): Entry {
  return { ...entry, ...(revision ? { revision: toRevisionRef(revision) } : {}) };
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
