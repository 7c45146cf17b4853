import type { RevisionRecord, RolloutRecord } from '../../store/catalogue/catalogue.ts';
import type { Overview } from '../../store/catalogue/catalogue.ts';
import type { AuditEvent } from '../../store/audit/store.ts';
import { buildContractStatuses } from '../../domain/migrations/contract.ts';
import { formatEndpointUrl } from '../../domain/service/revision.ts';
import { PHASES, type Phase } from '../../domain/rollout/rollout.ts';
import type { PhaseStatus, RevisionStatus, RolloutStatus, ServiceStatus } from '../../domain/rollout/status.ts';
import { addMarks, buildQueuedRollout } from '../../domain/rollout/status-rows.ts';

/** A service by what is recorded of it. */
export function buildRecordedService({
  spec,
  revisions,
  running,
  last,
  queue,
  quarantine,
  contracts: records,
  removedAt,
  ...record
}: Overview): ServiceStatus {
  const live = revisions.find(({ state }) => state === 'live');
  const hold = record.holds.find(({ rollout }) => rollout === last?.number);
  const contracts = buildContractStatuses(records, revisions, quarantine);
  return {
    spec,
    revisions: revisions.map((revision) => addMarks(recordedRevision(revision), record)),
    ...(live ? { live: live.number } : {}),
    ...(running ? { running: running.number } : {}),
    ...(last ? { last: last.number } : {}),
    ...(hold ? { hold } : {}),
    queue: queue.map((request) => buildQueuedRollout(request, request.revision?.artifact)),
    quarantine,
    ...(contracts.length === 0 ? {} : { contracts }),
    // A rollout that waits brings it back.
    ...(removedAt === undefined || queue.length > 0 ? {} : { removedAt }),
  };
}

function recordedRevision(record: RevisionRecord): RevisionStatus {
  const { number, artifact, state, since, warmUntil, endpoints, copyOf } = record;
  return {
    number,
    artifact,
    state,
    since,
    ...(state === 'warm' && warmUntil !== undefined ? { warmUntil } : {}),
    endpoints: endpoints.map(formatEndpointUrl),
    ...(copyOf === undefined ? {} : { copyOf }),
  };
}

/** A rollout by what is recorded of it: what it was, how it ended, and how far it had come by its events. */
export function buildRecordedRollout(record: RolloutRecord, events: readonly AuditEvent[] = []): RolloutStatus {
  const { startedAt, endedAt, outcome, because, revision, reason, service, number, kind, actor, exposure } = record;
  const reached = outcome === undefined ? phaseReached(events) : 'teardown';
  return {
    service,
    number,
    kind,
    ...(revision === undefined ? {} : { revision }),
    actor,
    ...(reason === undefined ? {} : { reason }),
    phase: reached,
    phases: PHASES.map((phase) => phaseOnRecord(phase, reached, outcome !== undefined)),
    steps: [],
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(because === undefined ? {} : { because }),
    ...(exposure ? { exposure } : {}),
    paused: false,
    verdicts: [],
    quarantined: [],
  };
}

function phaseOnRecord(phase: Phase, reached: Phase, isOver: boolean): PhaseStatus {
  if (isOver) return { phase, state: 'skipped', note: 'not kept' };
  const distance = PHASES.indexOf(phase) - PHASES.indexOf(reached);
  return { phase, state: distance < 0 ? 'done' : distance === 0 ? 'running' : 'pending' };
}

/** The phase in which each event is written, or that begins with it. */
const PHASE_OF: Record<string, Phase> = {
  'rollout.started': 'plan',
  'stack.provisioning': 'provision',
  'stack.planned': 'provision',
  'stack.provisioned': 'validate',
  'check.judged': 'validate',
  'route.changing': 'shift',
  'route.changed': 'bake',
  'rollout.settled': 'settle',
  'stack.destroying': 'teardown',
  'stack.destroyed': 'teardown',
};

function phaseReached(events: readonly AuditEvent[]): Phase {
  const reached = events.map(({ type }) => PHASES.indexOf(PHASE_OF[type] ?? 'plan'));
  return PHASES[Math.max(0, ...reached)] ?? 'plan';
}
