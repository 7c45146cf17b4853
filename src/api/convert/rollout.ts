import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RolloutRecord } from '../../catalogue/catalogue.ts';
import { PHASES } from '../../domain/rollout.ts';
import type { ServiceKey } from '../../domain/service.ts';
import type { PhaseStatus, QueuedRollout, RolloutStatus } from '../../domain/status.ts';
import {
  type PhaseStatus as PhaseMessage,
  type PhaseStatusSchema,
  type Rollout,
  type RolloutSchema,
  Rollout_State,
} from '../../gen/supplant/v1/rollouts_pb.ts';
import { names, numberOf, serviceOf } from '../names.ts';
import { kinds, outcomes, phaseStates, phases } from './enums.ts';
import { filled, given } from './given.ts';
import { fromTimestamp, requiredTime, toTimestamp } from './time.ts';
import { fromVerdict, fromWait, toVerdict, toWait } from './verdict.ts';

type RolloutInit = MessageInitShape<typeof RolloutSchema>;

/** A rollout in full. */
export function toRollout(status: RolloutStatus): RolloutInit {
  const { service, previous, artifact, phase, wait, paused, verdicts, quarantined } = status;
  return {
    ...recorded(status),
    ...given({
      previousRevision: previous === undefined ? undefined : names.revision(service, previous),
      artifact,
      wait: wait && toWait(wait),
    }),
    phase: phases.number(phase),
    phases: status.phases.map(toPhase),
    paused,
    verdicts: verdicts.map((verdict) => toVerdict(service, verdict)),
    quarantinedStacks: quarantined,
  };
}

/** What is on record of a rollout. */
export function recorded(record: RolloutRecord) {
  const { service, number, kind, revision, actor, reason, startedAt, endedAt, outcome, because } = record;
  return given({
    name: names.rollout(service, number),
    service: names.service(service),
    kind: kinds.number(kind),
    state: outcome === undefined ? Rollout_State.RUNNING : outcomes.number(outcome),
    revision: revision === undefined ? undefined : names.revision(service, revision),
    actor,
    reason,
    startTime: toTimestamp(startedAt),
    endTime: toTimestamp(endedAt),
    because,
  });
}

export function toQueued(service: ServiceKey, queued: QueuedRollout): RolloutInit {
  const { number, kind, revision, artifact, actor, queuedAt } = queued;
  return given({
    name: names.rollout(service, number),
    service: names.service(service),
    kind: kinds.number(kind),
    state: Rollout_State.QUEUED,
    revision: revision === undefined ? undefined : names.revision(service, revision),
    artifact,
    actor,
    queueTime: toTimestamp(queuedAt),
  });
}

function toPhase({ phase, state, startedAt, endedAt, note }: PhaseStatus): MessageInitShape<typeof PhaseStatusSchema> {
  return given({
    phase: phases.number(phase),
    state: phaseStates.number(state),
    startTime: toTimestamp(startedAt),
    endTime: toTimestamp(endedAt),
    note,
  });
}

export function fromRollout(rollout: Rollout): RolloutStatus {
  const { wait, verdicts, paused, quarantinedStacks, previousRevision, artifact } = rollout;
  return {
    ...fromRecorded(rollout),
    ...given({ previous: numberOf(previousRevision), artifact: filled(artifact), wait: wait && fromWait(wait) }),
    phase: phases.word(rollout.phase) ?? 'plan',
    phases: rollout.phases.map(fromPhase),
    paused,
    verdicts: verdicts.map(fromVerdict),
    quarantined: quarantinedStacks,
  };
}

export function fromRecorded(rollout: Rollout): RolloutRecord {
  const { name, kind, state, revision, actor, reason, startTime, endTime, because } = rollout;
  return given({
    service: serviceOf(name),
    number: numberOf(name) ?? 0,
    kind: kinds.word(kind) ?? 'deploy',
    revision: numberOf(revision),
    actor,
    reason: filled(reason),
    startedAt: requiredTime(startTime),
    endedAt: fromTimestamp(endTime),
    outcome: outcomes.word(state),
    because: filled(because),
  });
}

export function fromQueued({ name, kind, revision, artifact, actor, queueTime }: Rollout): QueuedRollout {
  return given({
    number: numberOf(name) ?? 0,
    kind: kinds.word(kind) ?? 'deploy',
    revision: numberOf(revision),
    artifact: filled(artifact),
    actor,
    queuedAt: requiredTime(queueTime),
  });
}

function fromPhase({ phase, state, startTime, endTime, note }: PhaseMessage): PhaseStatus {
  return given({
    phase: phases.word(phase) ?? PHASES[0],
    state: phaseStates.word(state) ?? 'pending',
    startedAt: fromTimestamp(startTime),
    endedAt: fromTimestamp(endTime),
    note: filled(note),
  });
}
