import type { ServiceSpec } from '../../../src/domain/service/service.ts';
import type { Behaviour } from '../plan.ts';
import { BAKE_MS, type Release, describeHealthCheck } from '../program.ts';

/** How long the cloud takes to make a revision: for most of a provisioning, its engine waits. In milliseconds. */
const CREATE_MS: Partial<Record<Behaviour, number>> = { good: 2_500, slow: 7_000, unhealthy: 1_500 };

/** A worker that takes over from a machine that was lost has to come to its checks, too. */
const PATIENT_MS = 60_000;

/** @param warm how many older revisions stay */
export function describeFleetService({ service, version, behaviour }: Release, warm: number): ServiceSpec {
  const isHopeless = behaviour === 'unhealthy';
  return {
    service,
    artifact: version,
    blueprint: {
      name: 'cloud',
      config: { version, behaviour: isHopeless ? 'unhealthy' : 'good', createMs: CREATE_MS[behaviour] ?? 0 },
    },
    router: { kind: 'embedded' },
    strategy: { kind: 'blue-green', bakeMs: BAKE_MS },
    checks: [describeHealthCheck(isHopeless, PATIENT_MS)],
    retention: { warm, warmForMs: 3_600_000 },
  };
}
