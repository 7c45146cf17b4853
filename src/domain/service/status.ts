import { formatEndpointUrl } from './revision.ts';
import { type ServiceState, findLastBegun } from './state.ts';
import type { ActiveRevision } from './revision-set.ts';
import type { RevisionStatus, ServiceWorkflowStatus } from '../rollout/status.ts';
import { addMarks, buildQueuedRollout } from '../rollout/status-rows.ts';

/** A service's state as people see it in the Temporal UI; undefined when there is no such service. */
export function buildServiceStatus(state: ServiceState): ServiceWorkflowStatus | undefined {
  if (!state.spec) return undefined;
  const { revisionSet, running, queue, departing, removed } = state;
  const last = findLastBegun(state) - (running ? 1 : 0);
  return {
    settings: state.spec.settings,
    revisions: revisions(state),
    ...(revisionSet.live ? { live: revisionSet.live.revision.number } : {}),
    ...(running ? { running: running.number } : {}),
    ...(last > 0 ? { last } : {}),
    queue: queue.map((entry) => buildQueuedRollout(entry, entry.revision?.label)),
    quarantine: departing.flatMap(({ stack, revision, since, attempts, nextAttemptAt, lastError }) =>
      lastError === undefined
        ? []
        : [{ stack, revision, since, attempts, nextAttemptAt: nextAttemptAt ?? since, lastError }],
    ),
    removed,
  };
}

function revisions({ revisionSet, running, pinned, bad }: ServiceState): RevisionStatus[] {
  const all: RevisionStatus[] = [
    ...(revisionSet.live ? [up(revisionSet.live, 'live')] : []),
    ...revisionSet.warm.map((standing) => up(standing, 'warm')),
  ];
  if (running?.revision && !all.some((each) => each.number === running.revision?.number)) {
    all.push({
      number: running.revision.number,
      artifact: running.revision.label,
      state: 'provisioning',
      since: running.queuedAt,
      endpoints: [],
    });
  }
  return all.sort((a, b) => b.number - a.number).map((revision) => addMarks(revision, { pinned, bad }));
}

function up({ revision, endpoints, since, warmUntil }: ActiveRevision, state: 'live' | 'warm'): RevisionStatus {
  return {
    number: revision.number,
    artifact: revision.label,
    state,
    since,
    ...(warmUntil === undefined ? {} : { warmUntil }),
    endpoints: endpoints.map(formatEndpointUrl),
  };
}
