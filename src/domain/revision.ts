import type { CheckSpec } from './checks.ts';
import type { JsonObject } from './json.ts';
import type { ServiceKey } from './service.ts';

/** An immutable, numbered release of a service. One revision = one Pulumi stack. */
export interface Revision {
  service: ServiceKey;
  number: number;
  artifact: string;
  blueprint: { name: string; digest: string; config: JsonObject };
  /** The checks it was released with; a rollback to it re-checks with these. */
  checks: CheckSpec[];
  requestedBy: string;
  /** ISO 8601. */
  createdAt: string;
}

export const REVISION_STATES = ['provisioning', 'ready', 'live', 'warm', 'retired', 'failed'] as const;
export type RevisionState = (typeof REVISION_STATES)[number];

/** A place a router can send traffic to, or a check can ask: `127.0.0.1:43121`. */
export interface Endpoint {
  host: string;
  port: number;
}

export function endpointUrl(endpoint: Endpoint): string {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `http://${host}:${endpoint.port}`;
}

/** `r17`: how people name a revision. */
export function revisionName(number: number): string {
  return `r${number}`;
}

/** Reads `r17` or `17`; undefined when the text is neither. */
export function parseRevision(text: string): number | undefined {
  const match = /^r?([1-9]\d{0,8})$/.exec(text);
  return match ? Number(match[1]) : undefined;
}

/**
 * The one stack of a revision, `web-production-r17`. Deterministic, so that whatever an interrupted run left behind can
 * be found again by name. Unique within the Pulumi project, of which there is one per environment.
 */
export function stackName(service: ServiceKey, revision: number): string {
  return `${service.name}-${service.environment}-r${revision}`;
}
