import { endpointUrl } from './revision.ts';
import { type Entry, type ServiceState, lastBegun } from './service-state.ts';
import type { Standing } from './standing.ts';
import type { QueuedRollout, RevisionStatus, ServiceStatus } from './status.ts';

/** A service's state as people and programs see it; undefined when there is no such service. */
export function serviceStatus(state: ServiceState): ServiceStatus | undefined {
  if (!state.spec) return undefined;
  const { lineup, running, queue, departing, removed } = state;
  const last = lastBegun(state) - (running ? 1 : 0);
  return {
    spec: state.spec,
    revisions: revisions(state),
    ...(lineup.live ? { live: lineup.live.revision.number } : {}),
    ...(running ? { running: running.number } : {}),
    ...(last > 0 ? { last } : {}),
    queue: queue.map(queuedRollout),
    quarantine: departing.flatMap(({ stack, revision, since, attempts, nextAttemptAt, lastError }) =>
      lastError === undefined
        ? []
        : [{ stack, revision, since, attempts, nextAttemptAt: nextAttemptAt ?? since, lastError }],
    ),
    removed,
  };
}

/** What waits, as people see it. */
export function queuedRollout({ number, kind, revision, to, actor, queuedAt }: Entry): QueuedRollout {
  const target = revision?.number ?? to;
  return {
    number,
    kind,
    ...(target === undefined ? {} : { revision: target }),
    ...(revision ? { artifact: revision.artifact } : {}),
    actor,
    queuedAt,
  };
}

function revisions({ lineup, running, pinned, bad }: ServiceState): RevisionStatus[] {
  const all: RevisionStatus[] = [
    ...(lineup.live ? [up(lineup.live, 'live')] : []),
    ...lineup.warm.map((standing) => up(standing, 'warm')),
  ];
  if (running?.revision && !all.some((each) => each.number === running.revision?.number)) {
    all.push({
      number: running.revision.number,
      artifact: running.revision.artifact,
      state: 'provisioning',
      since: running.queuedAt,
      endpoints: [],
    });
  }
  return all
    .sort((a, b) => b.number - a.number)
    .map((revision) => ({
      ...revision,
      ...(pinned?.includes(revision.number) ? { pinned: true } : {}),
      ...(bad?.includes(revision.number) ? { bad: true } : {}),
    }));
}

function up({ revision, endpoints, since, warmUntil }: Standing, state: 'live' | 'warm'): RevisionStatus {
  return {
    number: revision.number,
    artifact: revision.artifact,
    state,
    since,
    ...(warmUntil === undefined ? {} : { warmUntil }),
    endpoints: endpoints.map(endpointUrl),
  };
}
