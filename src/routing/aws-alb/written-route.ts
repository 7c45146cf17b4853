import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import { formatServiceId, type ServiceKey } from '../../domain/service/service.ts';
import type { Route } from '../../domain/traffic/route.ts';

/** What Supplant has put on record about a rule, in the rule's tags: whose it is, and what was written there last. */
export interface WrittenRoute {
  service: string;
  generation: number;
  /** Of the route that the generation stands for: the same generation with other content is no repeat. */
  digest: string;
  /** What the rule was to do from then on; see `formatForwarding`. */
  after: string;
  /** What it did when that was written; the same as `after` once it was read back. */
  before: string;
  /** What it does in between, where groups are brought in at weight 0 first. */
  via?: string;
  state: 'open' | 'closed' | 'removed';
  revisions: WrittenRevision[];
}

/** A revision, its target group, and where it is as far as that fits in a tag. */
export interface WrittenRevision {
  revision: number;
  group: string;
  endpoint: Endpoint;
}

const PREFIX = 'supplant:';
const REVISION = /^supplant:r(\d+)$/;

/** Reads a rule's tags; undefined where Supplant has written nothing there. */
export function readWrittenRoute(tags: Readonly<Record<string, string>>): WrittenRoute | undefined {
  const { generation, digest, after, before, via, service, state } = Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [key.slice(PREFIX.length), value]),
  );
  if (service === undefined || generation === undefined) return undefined;
  const revisions = Object.entries(tags).flatMap(([key, value]) => {
    const number = REVISION.exec(key)?.[1];
    const [group = '', host = '', port = ''] = value.split(' ');
    if (number === undefined) return [];
    const endpoint = { host, port: Number(port), attributes: { targetGroupArn: group } };
    return [{ revision: Number(number), group, endpoint }];
  });
  return {
    service,
    generation: Number(generation),
    digest: digest ?? '',
    after: after ?? '',
    before: before ?? '',
    ...(via ? { via } : {}),
    state: state === 'closed' || state === 'removed' ? state : 'open',
    revisions: revisions.toSorted((one, other) => one.revision - other.revision),
  };
}

/** The tags of it. */
export function toTags({ revisions, ...written }: WrittenRoute): Record<string, string> {
  const own = Object.entries(written).map(([key, value]) => [`${PREFIX}${key}`, String(value)]);
  const listed = revisions.map(({ revision, group, endpoint }) => [
    `${PREFIX}r${revision}`,
    `${group} ${endpoint.host} ${endpoint.port}`,
  ]);
  return Object.fromEntries([...own, ...listed]) as Record<string, string>;
}

/** Tags of revisions that are in the one and not in the other. */
export function listLeftTags(before: WrittenRoute | undefined, after: WrittenRoute): string[] {
  const kept = new Set(after.revisions.map(({ revision }) => revision));
  return (before?.revisions ?? []).flatMap(({ revision }) => (kept.has(revision) ? [] : [`${PREFIX}r${revision}`]));
}

export function isOf(written: WrittenRoute, service: ServiceKey): boolean {
  return written.service === formatServiceId(service);
}

/** Of what a route makes of the rule. The preferred port is no part of it: clients connect where the listener is. */
export function computeRouteDigest({ targets, closed }: Pick<Route, 'targets' | 'closed'>): string {
  const inOrder = targets.toSorted((one, other) => one.revision - other.revision);
  const content = canonicalJson({ targets: inOrder, ...(closed === undefined ? {} : { closed }) });
  return createHash('sha256').update(content).digest('hex');
}

/** The target group that a revision's stack named as its endpoints' attribute. */
export function groupOf(endpoints: readonly Endpoint[]): string | undefined {
  return endpoints[0]?.attributes?.targetGroupArn;
}
