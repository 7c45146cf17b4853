import { formatEndpointUrl } from './revision.ts';
import type { RouteObservation } from '../traffic/route.ts';
import { collectWarnings } from './warnings.ts';
import type { RevisionStatus, RolloutStatus, ServiceStatus, ServiceView } from '../rollout/status.ts';

/** Puts together what the service, its rollout and the router each know. */
export function buildServiceView(
  status: ServiceStatus,
  rollout: RolloutStatus | undefined,
  route: RouteObservation | undefined,
  now = new Date(),
): ServiceView {
  const warnings = collectWarnings(status, route, now);
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
