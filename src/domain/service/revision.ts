import type { CheckSpec } from '../evidence/checks.ts';
import { type BlueprintRef, NAME, type ServiceKey } from './service.ts';

/** An immutable, numbered release of a service. One revision = one Pulumi stack. */
export interface Revision {
  service: ServiceKey;
  number: number;
  artifact: string;
  blueprint: ExactBlueprint;
  /** The checks it was released with; a rollback to it re-checks with these. */
  checks: CheckSpec[];
  requestedBy: string;
  /** ISO 8601. */
  createdAt: string;
  /** It is a baseline: a fresh copy of this revision, made to be compared with, and never live. */
  copyOf?: number;
}

/** A blueprint as a stack is made by it: at a digest, in a pool. */
export interface ExactBlueprint extends BlueprintRef {
  digest: string;
}

/**
 * What workflows carry of a revision. All else, of whatever size, is recorded under its number, and read there by the
 * activities that need it.
 */
export interface RevisionRef {
  number: number;
  /** SHA-256 of what makes two releases the same: artifact, blueprint and checks. */
  release: string;
  /** The artifact for people, at most {@link LABEL_LIMIT} characters. */
  label: string;
  /** Where its stack is made and looked after; absent of the default pool. */
  pool?: string;
}

export const LABEL_LIMIT = 60;

/** How much of a long artifact's beginning is shown: what kind it is. */
const LABEL_HEAD = 12;

/** An artifact short enough to be shown in a line. Of a longer one the middle is left out: its end tells it from others. */
export function formatArtifactLabel(artifact: string): string {
  const short = shortenDigest(artifact);
  if (short.length <= LABEL_LIMIT) return short;
  const [head, tail] = [short.slice(0, LABEL_HEAD), short.slice(LABEL_HEAD + 1 - LABEL_LIMIT)];
  // A cut may go through one character.
  return `${head.toWellFormed()}…${tail.toWellFormed()}`;
}

/** An artifact as people read it: digests cut to what tells them apart. */
export function shortenDigest(artifact: string): string {
  return artifact.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/, '$1');
}

/** What an artifact is, wherever it lies: a folder that is pinned by its digest is the same under every path. */
export function computeArtifactIdentity(artifact: string): string {
  return artifact.replace(/^dir:.*(?=#sha256:[0-9a-f]{64}$)/s, 'dir:');
}

export const REVISION_STATES = ['provisioning', 'ready', 'live', 'warm', 'retired', 'failed'] as const;
export type RevisionState = (typeof REVISION_STATES)[number];

/** A place a router can send traffic to, or a check can ask: `127.0.0.1:43121`. */
export interface Endpoint {
  host: string;
  port: number;
  /** What a router calls it: an HAProxy server's name, a target's id. At most 255 characters. */
  id?: string;
  /** Its share of the revision's requests beside the others', a whole number from 0 to 256; all alike where it is absent. */
  weight?: number;
  /**
   * What else a router has to know of it, such as its availability zone. `header:NAME` is for checks, too: a header by which
   * this revision is reached where several share an address.
   */
  attributes?: Record<string, string>;
}

/** What HAProxy takes for a server, and as fine as anybody needs it. */
const HEAVIEST_ENDPOINT = 256;

/** What is wrong with something that is to be an endpoint, all of it. */
export function findEndpointFaults(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['it is not {host, port}'];
  const { host, port, id, weight, attributes } = value as Record<string, unknown>;
  const isWhole = (number: unknown, least: number, most: number): boolean =>
    Number.isInteger(number) && (number as number) >= least && (number as number) <= most;
  const isText = (text: unknown): boolean => typeof text === 'string' && text.length > 0 && text.length <= 255;
  const areTexts = (of: unknown): boolean =>
    typeof of === 'object' &&
    of !== null &&
    !Array.isArray(of) &&
    Object.values(of).every((text) => typeof text === 'string');
  return [
    ...(isText(host) ? [] : ['host is no host name or address']),
    ...(isWhole(port, 1, 65_535) ? [] : ['port is no whole number from 1 to 65535']),
    ...(id === undefined || isText(id) ? [] : ['id is no text of 1 to 255 characters']),
    ...(weight === undefined || isWhole(weight, 0, HEAVIEST_ENDPOINT)
      ? []
      : [`weight is no whole number from 0 to ${HEAVIEST_ENDPOINT}`]),
    ...(attributes === undefined || areTexts(attributes) ? [] : ['attributes are not texts by their names']),
  ];
}

type Undefinable<T> = { [Key in keyof T]?: T[Key] | undefined };

/** An endpoint without what else its maker said of it. */
export function stripEndpoint(endpoint: Pick<Endpoint, 'host' | 'port'> & Undefinable<Endpoint>): Endpoint {
  const { host, port, id, weight, attributes } = endpoint;
  return {
    host,
    port,
    ...(id === undefined ? {} : { id }),
    ...(weight === undefined ? {} : { weight }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}

const HEADER_PREFIX = 'header:';

/** The headers without which a request to the endpoint would reach another revision. */
export function readEndpointHeaders({ attributes = {} }: Endpoint): Record<string, string> {
  const headers = Object.entries(attributes).filter(([name]) => name.startsWith(HEADER_PREFIX));
  return Object.fromEntries(headers.map(([name, value]) => [name.slice(HEADER_PREFIX.length), value]));
}

export function formatEndpointUrl(endpoint: Endpoint): string {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `http://${host}:${endpoint.port}`;
}

/** `r17`: how people name a revision. */
export function formatRevisionName(number: number): string {
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
export function formatStackName(service: ServiceKey, revision: number): string {
  return `${service.name}-${service.environment}-r${revision}`;
}

/**
 * Whose stack it is, by its name: the inverse of {@link formatStackName}. Undefined where no revision has a stack of that
 * name.
 * @param project the stack's, which is the environment
 */
export function parseStackName(project: string, stack: string): { service: ServiceKey; revision: number } | undefined {
  const [, rest = '', number = ''] = /^(.+)-r([1-9]\d{0,8})$/.exec(stack) ?? [];
  const ending = `-${project}`;
  if (!rest.endsWith(ending)) return undefined;
  const name = rest.slice(0, -ending.length);
  if (!NAME.test(name) || !NAME.test(project)) return undefined;
  return { service: { name, environment: project }, revision: Number(number) };
}
