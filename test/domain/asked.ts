import { toSpecRef, computeReleaseDigest } from '../../src/activities/release.ts';
import type { Asking } from '../../src/domain/service/answers.ts';
import { computeFingerprint } from '../../src/domain/fingerprint.ts';
import type { Asked, ServiceCommand, Request } from '../../src/domain/service/requests.ts';
import { formatArtifactLabel } from '../../src/domain/service/revision.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import type { ServiceState } from '../../src/domain/service/state.ts';
import { DIGEST } from '../workflow/stack-model.ts';

/** What the record has in whole: descriptions by their digest. */
const described = new Map<string, ServiceSpec>();

/** A request as the activities work it out for the workflow. */
export function askedOf(state: ServiceState, request: Request): Asked {
  if (request.kind === 'apply') return release('apply', request.spec);
  if (request.kind !== 'deploy') return request;
  const basis = state.removed ? undefined : state.spec?.digest;
  const before = basis === undefined ? undefined : described.get(basis);
  if (!before || basis === undefined) {
    return { kind: 'deploy', release: '', label: '', spec: { digest: '', settings: {} as never } };
  }
  return { ...release('deploy', { ...before, artifact: request.artifact }), basis };
}

function release(kind: 'apply' | 'deploy', spec: ServiceSpec): Extract<Asked, { kind: 'apply' | 'deploy' }> {
  const { artifact, blueprint, checks } = spec;
  const reference = toSpecRef(spec);
  described.set(reference.digest, spec);
  return {
    kind,
    release: computeReleaseDigest({ artifact, blueprint: { ...blueprint, digest: DIGEST }, checks }),
    label: formatArtifactLabel(artifact),
    spec: reference,
  };
}

/** What tells a request from another. */
export function askingOf(asked: Request | ServiceCommand, requestId: string): Asking {
  return { requestId, fingerprint: computeFingerprint(asked) };
}
