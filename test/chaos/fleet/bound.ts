import { formatStackId } from '../../../src/domain/reaper/facts.ts';
import { formatStackName } from '../../../src/domain/service/revision.ts';
import type { ServiceKey, ServiceSpec } from '../../../src/domain/service/service.ts';
import type { Evidence } from '../checks/evidence.ts';
import { BAKE_MS, type Release, describeHealthCheck, specOf } from '../program.ts';
import type { FleetFaultKind } from './plan.ts';

/** A worker that takes over from a machine that was lost has to come to its checks, too. */
const PATIENT_MS = 60_000;

/** What takes away what runs on one machine, for a while or for good. */
const MACHINE_FAULTS: readonly FleetFaultKind[] = [
  'machine-lost',
  'machine-replaced',
  'two-machines-lost',
  'machine-cut-off',
  'machine-frozen',
];

/** Whether users of what runs on one machine may get no answer, and its rollouts may fail, through no fault of theirs. */
export function mayLoseMachine(faults: readonly { kind: FleetFaultKind }[]): boolean {
  return faults.some(({ kind }) => MACHINE_FAULTS.includes(kind));
}

/** A service of processes on the machine whose worker makes them. */
export function describeBoundService(release: Release, warm: number): ServiceSpec {
  const isHopeless = release.behaviour === 'unhealthy';
  return {
    ...specOf(release),
    strategy: { kind: 'blue-green', bakeMs: BAKE_MS },
    checks: [describeHealthCheck(isHopeless, PATIENT_MS)],
    retention: { warm, warmForMs: 3_600_000 },
  };
}

/** Whether what a service has live went with its machine. */
export function hasLostLive({ service, revisions }: Evidence, givenUp: ReadonlySet<string>): boolean {
  return revisions.some(({ state, number }) => state === 'live' && givenUp.has(nameStack(service, number)));
}

/** Without what was given up: it is on record as it was left, until somebody goes back there or retention takes it away. */
export function withoutGivenUp(evidence: Evidence, givenUp: ReadonlySet<string>): Evidence {
  const { service, revisions, inState } = evidence;
  const isKept = (stack: string): boolean => !givenUp.has(formatStackId({ project: service.environment, stack }));
  return {
    ...evidence,
    revisions: revisions.filter(({ number }) => !givenUp.has(nameStack(service, number))),
    inState: inState.filter(isKept),
  };
}

function nameStack(service: ServiceKey, revision: number): string {
  return formatStackId({ project: service.environment, stack: formatStackName(service, revision) });
}
