import { formatEndpointUrl } from './revision.ts';
import type { RouteObservation } from '../traffic/route.ts';
import type { DriftRecord } from '../drift/record.ts';
import { collectDriftWarnings, collectWarnings } from './warnings.ts';
import type { RevisionStatus, RolloutStatus, ServiceStatus, ServiceView } from '../rollout/status.ts';

/** What is known of a service beside its own status. */
export interface ServiceParts {
  rollout?: RolloutStatus | undefined;
  route?: RouteObservation | undefined;
  /** What looks at its stacks have found. */
  drift?: readonly DriftRecord[];
}

/** Puts together what the service, its rollout and the router each know. */
export function buildServiceView(
  status: ServiceStatus,
  { rollout, route, drift = [] }: ServiceParts,
  now = new Date(),
): ServiceView {
  const warnings = [...collectWarnings(status, route, now), ...collectDriftWarnings(status, drift)];
  return {
    status: { ...status, revisions: status.revisions.map((revision) => refined(revision, rollout, route)) },
    ...(rollout ? { rollout } : {}),
    ...(route ? { route } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

/** The service leaves its new revision to the rollout: whether that has a stack yet, and where, is known there. */
function refined(
  revision: RevisionStatus,
  rollout: RolloutStatus | undefined,
  route: RouteObservation | undefined,
): RevisionStatus {
  if (revision.state !== 'provisioning' || rollout?.revision !== revision.number) return revision;
  const provisioned = rollout.phases.some(({ phase, state }) => phase === 'provision' && state === 'done');
  const target = route?.targets.find((each) => each.revision === revision.number);
  return {
    ...revision,
    state: provisioned ? 'ready' : 'provisioning',
    endpoints: target ? target.endpoints.map(formatEndpointUrl) : revision.endpoints,
  };
}
