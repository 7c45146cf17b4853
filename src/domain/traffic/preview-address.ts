import { type Endpoint, formatEndpointUrl, formatRevisionName } from '../service/revision.ts';
import { type ServiceKey, formatServiceId } from '../service/service.ts';
import type { Route, TargetCounts } from './route.ts';

/**
 * An address beside that of a service's clients, at which a revision is looked at before it has any traffic. It has nothing
 * to do with previews of branches, which are experiments.
 */
export interface PreviewAddress {
  /** As a route's own port: one that is not named is left as it is, or a free one is chosen. */
  port?: number;
  /** Who gets every request there, whatever the weights are. Nobody where it is absent, and each is told so. */
  revision?: number;
}

/** What is really happening at a preview address. */
export interface PreviewObservation extends Pick<TargetCounts, 'inFlight' | 'served' | 'failed'> {
  /** Where it is. */
  address: Endpoint;
  /** The revision that answers there; its counts are of requests there alone. */
  revision?: number;
  /** The port that was asked for, where one was. */
  wantedPort?: number;
  /** Why it is not at that port. */
  portFault?: string;
}

/** What requests at a preview address are told while no revision is looked at. */
function describeIdlePreview(service: ServiceKey): string {
  return `this is the preview address of ${formatServiceId(service)}, and no revision waits there for its first traffic`;
}

/** The route that holds at the preview address: all to the revision that is looked at, or nothing to anybody. */
export function derivePreviewRoute({ service, generation, preview, targets }: Route): Route {
  const looked = targets.filter(({ revision }) => revision === preview?.revision);
  if (looked.length === 0) return { service, generation, closed: describeIdlePreview(service), targets: [] };
  return { service, generation, targets: looked.map((target) => ({ ...target, weight: 100 })) };
}

/** What is wrong with the preview of a route, all of it. A revision that has traffic is no preview of anything. */
export function findPreviewFaults({ preview, targets }: Pick<Route, 'preview' | 'targets'>): string[] {
  if (preview?.revision === undefined) return [];
  const name = formatRevisionName(preview.revision);
  const target = targets.find(({ revision }) => revision === preview.revision);
  if (!target) return [`the preview address leads to ${name}, which is not listed`];
  return [
    ...(target.endpoints.length === 0 ? [`the preview address leads to ${name}, which has no endpoint`] : []),
    ...(target.weight > 0 ? [`the preview address leads to ${name}, which has weight ${target.weight}; use 0`] : []),
  ];
}

/** `http://127.0.0.1:8081 leads to r3`, or where nobody is looked at, to nobody. */
export function describePreview({ address, revision, portFault }: PreviewObservation): string {
  const who = revision === undefined ? 'nobody' : formatRevisionName(revision);
  return `${formatEndpointUrl(address)} leads to ${who}${portFault === undefined ? '' : `; ${portFault}`}`;
}
