import { type Endpoint, formatEndpointUrl, formatRevisionName } from '../service/revision.ts';

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
export interface PreviewObservation {
  /** Where it is. */
  address: Endpoint;
  /** The revision that answers there. */
  revision?: number;
  /** The port that was asked for, where one was. */
  wantedPort?: number;
  /** Why it is not at that port. */
  portFault?: string;
  /** Of the revision that answers there, requests at this address alone that are not finished. */
  inFlight: number;
  /** Those begun since the router started. */
  served: number;
  /** Of these, the ones that the revision did not answer. */
  failed: number;
}

/** What of a route has to do with its preview. */
interface PreviewedRoute {
  preview?: PreviewAddress;
  targets: readonly { revision: number; weight: number; endpoints: readonly Endpoint[] }[];
}

/** What is wrong with the preview of a route, all of it. A revision that has traffic is no preview of anything. */
export function findPreviewFaults({ preview, targets }: PreviewedRoute): string[] {
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
