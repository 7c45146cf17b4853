import { endpointUrl } from './revision.ts';
import type { RouteObservation } from './route.ts';
import type { RevisionStatus, RolloutStatus, ServiceStatus, ServiceView } from './status.ts';

/** Puts together what the service, its rollout and the router each know. */
export function serviceView(
  status: ServiceStatus,
  rollout: RolloutStatus | undefined,
  route: RouteObservation | undefined,
): ServiceView {
  return {
    status: { ...status, revisions: status.revisions.map((revision) => refined(revision, rollout, route)) },
    ...(rollout ? { rollout } : {}),
    ...(route ? { route } : {}),
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
    endpoints: target ? target.endpoints.map(endpointUrl) : revision.endpoints,
  };
}
