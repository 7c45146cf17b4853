import { formatStackName } from '../../../src/domain/service/revision.ts';
import { type Finding, findings } from '../findings.ts';
import type { Evidence, HostEvidence } from './evidence.ts';

/**
 * Whether what the provider says exists is what the states and the catalogue say: the live and the warm revisions, one
 * process each, and nothing else.
 */
export function existingFindings(evidence: Evidence): Finding[] {
  const { service, revisions, provided, inState, serving, route } = evidence;
  const standing = revisions.filter(({ state }) => state === 'live' || state === 'warm');
  const stacks = standing.map(({ number }) => formatStackName(service, number));
  const live = revisions.filter(({ state }) => state === 'live').map(({ number }) => number);
  const halfWay = revisions.filter(({ state }) => state === 'provisioning' || state === 'ready');
  const carrying = route?.targets.filter(({ weight }) => weight > 0).map(({ revision }) => revision) ?? [];
  return findings('leaked', [
    ...differing('the provider has', provided, stacks),
    ...differing('the states have', inState, stacks),
    ...differing(
      'there are processes of',
      serving.map(({ stack }) => stack),
      stacks,
    ),
    ...(live.length > 1 ? [`${live.length} revisions are live: ${live.join(', ')}`] : []),
    ...halfWay.map(({ number, state }) => `r${number} is ${state} for ever`),
    ...differing('traffic goes to', carrying.map(String), live.map(String)),
  ]);
}

/** Nothing of a removed service, nor of any operation on it, is left anywhere. */
export function leftoverFindings({ route, ...host }: Evidence): Finding[] {
  return [...findings('leaked', route ? ['it still has a route'] : []), ...hostLeftovers(host)];
}

/** The same, of what a host has. */
export function hostLeftovers(evidence: HostEvidence): Finding[] {
  const { provided, inState, serving, locks, workFolders, claims, ports, processes } = evidence;
  const engines = processes.filter(({ kind }) => ['engine', 'service', 'haproxy', 'other'].includes(kind));
  return findings('leaked', [
    ...differing('the provider still has', provided, []),
    ...differing('the states still have', inState, []),
    ...differing(
      'there are still processes of',
      serving.map(({ stack, pid }) => `${stack} (${pid})`),
      [],
    ),
    ...differing('locks are left:', locks, []),
    ...differing('working folders are left:', workFolders, []),
    ...differing('claims are left:', claims, []),
    ...differing('ports are left:', ports, []),
    ...differing(
      'processes are left:',
      engines.map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`),
      [],
    ),
    ...(['temporal', 'router', 'haproxy-control', 'gateway'] as const)
      .map((part) => ({ part, count: processes.filter(({ kind }) => kind === part).length }))
      .filter(({ count }) => count > 1)
      .map(({ part, count }) => `there are ${count} processes of ${part}`),
  ]);
}

function differing(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  const [is, ought] = [found.toSorted(), wanted.toSorted()];
  if (is.join() === ought.join()) return [];
  return [`${what} ${is.join(', ') || 'nothing'}${ought.length > 0 ? `, not ${ought.join(', ')}` : ''}`];
}
