import { describeHold } from '../rollback/hold.ts';
import type { Warning } from './warning.ts';
import type { DriftRecord } from '../drift/record.ts';
import { describeDrift } from '../drift/words.ts';
import { formatRevisionName } from './revision.ts';
import type { RouteObservation, TargetObservation } from '../traffic/route.ts';
import type { ServiceStatus } from '../rollout/status.ts';

/** A request that was not answered is worth a warning for this long, in milliseconds. */
const RECENT_MS = 60_000;

/** What people have to be told beside "r1 is live"; the worst first. */
export function collectWarnings(status: ServiceStatus, route: RouteObservation | undefined, now: Date): Warning[] {
  return [...collectTrafficWarnings(status, route, now), ...collectHoldWarnings(status)];
}

function collectHoldWarnings({ hold }: ServiceStatus): Warning[] {
  if (!hold) return [];
  const text = `the latest release is on hold, since ${describeHold(hold)}; deploy another one, or the same with --again`;
  return [{ kind: 'hold', text }];
}

function collectTrafficWarnings(status: ServiceStatus, route: RouteObservation | undefined, now: Date): Warning[] {
  const { live } = status;
  if (live === undefined || !route) return [];
  const weighted = route.targets.filter(({ weight }) => weight > 0);
  const health = weighted.flatMap((target) => targetWarnings(target, now));
  const isIdle = status.running === undefined && !weighted.some(({ revision }) => revision === live);
  return [...health, ...(isIdle ? [noRoute(live)] : []), ...portWarnings(route), ...changeWarning(route)];
}

/** Of each live or warm revision that has drift which nobody has acknowledged. */
export function collectDriftWarnings({ spec, revisions }: ServiceStatus, records: readonly DriftRecord[]): Warning[] {
  const standing = revisions.filter(({ state }) => state === 'live' || state === 'warm').map(({ number }) => number);
  const then = spec.drift === 'block' ? '; rollouts do not shift traffic before that is gone or acknowledged' : '';
  return records
    .filter(({ revision }) => standing.includes(revision))
    .flatMap((record) => describeDrift(record) ?? [])
    .map((text) => ({ kind: 'drift', text: `${text}${then}` }));
}

/** Where clients connect, and where the new revision is looked at. */
function portWarnings({ address, portFault, preview }: RouteObservation): Warning[] {
  return [
    ...portWarning('clients connect', address.port, portFault),
    ...(preview ? portWarning('the preview address is', preview.address.port, preview.portFault) : []),
  ];
}

function portWarning(what: string, port: number, fault: string | undefined): Warning[] {
  if (fault === undefined) return [];
  return [{ kind: 'port', text: `${what} at port ${port}: ${fault}; that one is used as soon as it can be had` }];
}

function changeWarning({ changedByOthers }: RouteObservation): Warning[] {
  return changedByOthers === undefined ? [] : [{ kind: 'route-changed', text: changedByOthers }];
}

function targetWarnings(target: TargetObservation, now: Date): Warning[] {
  const { revision, endpoints, unreachable = [], failed = 0, served = 0, lastFailedAt } = target;
  const name = formatRevisionName(revision);
  if (unreachable.length > 0 && unreachable.length === endpoints.length) {
    const share = target.weight === 100 ? 'the' : `${target.weight} % of the`;
    const text = `${name} has ${share} traffic and answers nobody: ${unreachable.join(', ')}`;
    return [{ kind: 'unreachable', text }];
  }
  const some = `${unreachable.length} of ${endpoints.length} endpoints of ${name} do not answer: ${unreachable.join(', ')}`;
  const isRecent = lastFailedAt !== undefined && now.getTime() - Date.parse(lastFailedAt) < RECENT_MS;
  const lost = `${name} did not answer ${failed} of ${served} requests, the last one at ${lastFailedAt ?? ''}`;
  return [
    ...(unreachable.length > 0 ? [{ kind: 'degraded' as const, text: some }] : []),
    ...(isRecent ? [{ kind: 'degraded' as const, text: lost }] : []),
  ];
}

function noRoute(live: number): Warning {
  const text = `${formatRevisionName(live)} is live by the record, and the router sends it nothing; the next rollout mends that`;
  return { kind: 'no-route', text };
}
