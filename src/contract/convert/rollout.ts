import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RolloutRecord } from '../../store/catalogue/catalogue.ts';
import type { DrainReport } from '../../domain/traffic/route.ts';
import { PHASES } from '../../domain/rollout/rollout.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { PhaseStatus, QueuedRollout, RolloutStatus, StepStatus } from '../../domain/rollout/status.ts';
import type { PendingActivity } from '../../domain/rollout/pending-activity.ts';
import {
  type Drain,
  type DrainSchema,
  type PhaseStatus as PhaseMessage,
  type PhaseStatusSchema,
  type Rollout,
  type RolloutSchema,
  type StepStatus as StepMessage,
  type StepStatusSchema,
  type PendingActivity as ActivityMessage,
  type PendingActivitySchema,
  Rollout_State,
} from '../gen/supplant/v1/rollouts_pb.ts';
import { names, readNumber, readService } from '../names.ts';
import { audiences, kinds, outcomes, phaseStates, phases, activityStates } from './enums.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromHookReport, toHookReport } from './hook.ts';
import { fromBreakGlass, fromGateStatus, toBreakGlass, toGateStatus } from './gates.ts';
import { fromExposure, fromOutline, toExposure, toOutline } from './outline.ts';
import { fromDuration, fromTimestamp, fromRequiredTimestamp, toDuration, toTimestamp } from './time.ts';
import { fromVerdict, fromWait, toVerdict, toWait } from './verdict.ts';

type ActivityInit = MessageInitShape<typeof PendingActivitySchema>;
type RolloutInit = MessageInitShape<typeof RolloutSchema>;

/** A rollout in full. */
export function toRollout(status: RolloutStatus): RolloutInit {
  const { service, previous, artifact, phase, undoing, wait, paused, verdicts, quarantined, drains = [] } = status;
  const { plan, frozen, hooks = [], gates = [], breakGlass, baseline, preview } = status;
  return {
    ...toRecordedRollout(status),
    ...omitUndefined({
      previousRevision: previous === undefined ? undefined : names.revision(service, previous),
      baselineRevision: baseline === undefined ? undefined : names.revision(service, baseline),
      artifact,
      previewAddress: preview,
      wait: wait && toWait(wait),
      undoing: undoing && phases.number(undoing),
      plan: plan && toOutline(plan),
      frozen: frozen && { because: frozen.because, sinceTime: toTimestamp(frozen.since) },
      breakGlass: breakGlass && toBreakGlass(breakGlass),
    }),
    phase: phases.number(phase),
    phases: status.phases.map(toPhase),
    steps: status.steps.map(toStep),
    paused,
    verdicts: verdicts.map((verdict) => toVerdict(service, verdict)),
    quarantinedStacks: quarantined,
    activities: (status.activities ?? []).map(toActivity),
    drains: drains.map((drain) => toDrain(service, drain)),
    hooks: hooks.map(toHookReport),
    gates: gates.map(toGateStatus),
  };
}

/** What is recorded of a rollout. */
export function toRecordedRollout(record: RolloutRecord) {
  const { service, number, kind, revision, actor, reason, startedAt, endedAt, outcome, because, exposure } = record;
  return omitUndefined({
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
    exposure: exposure && toExposure(exposure),
  });
}

export function toQueued(service: ServiceKey, queued: QueuedRollout): RolloutInit {
  const { number, kind, revision, artifact, actor, queuedAt } = queued;
  return omitUndefined({
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

function toActivity({
  name,
  state,
  since,
  attempt,
  lastError,
  nextAttemptAt,
  until,
  because,
  latest,
}: PendingActivity): ActivityInit {
  return omitUndefined({
    name,
    state: activityStates.number(state),
    sinceTime: toTimestamp(since),
    attempt,
    lastError,
    nextAttemptTime: toTimestamp(nextAttemptAt),
    untilTime: toTimestamp(until),
    because,
    latest,
  });
}

function toDrain(service: ServiceKey, drain: DrainReport): MessageInitShape<typeof DrainSchema> {
  const { revision, requests, connections, isUncounted = false, afterMs } = drain;
  return {
    revision: names.revision(service, revision),
    requests: BigInt(requests),
    connections: BigInt(connections),
    uncounted: isUncounted,
    after: toDuration(afterMs),
  };
}

function fromDrain({ revision, requests, connections, uncounted, after }: Drain): DrainReport {
  return {
    revision: readNumber(revision) ?? 0,
    requests: Number(requests),
    connections: Number(connections),
    ...(uncounted ? { isUncounted: true } : {}),
    afterMs: fromDuration(after, 0),
  };
}

function toPhase({ phase, state, startedAt, endedAt, note }: PhaseStatus): MessageInitShape<typeof PhaseStatusSchema> {
  return omitUndefined({
    phase: phases.number(phase),
    state: phaseStates.number(state),
    startTime: toTimestamp(startedAt),
    endTime: toTimestamp(endedAt),
    note,
  });
}

function toStep(step: StepStatus): MessageInitShape<typeof StepStatusSchema> {
  const { number, weight, bakeMs, audience, state, startedAt, endedAt, note } = step;
  return omitUndefined({
    number,
    weight,
    bake: toDuration(bakeMs),
    audience: audience && audiences.number(audience),
    state: phaseStates.number(state),
    startTime: toTimestamp(startedAt),
    endTime: toTimestamp(endedAt),
    note,
  });
}

function fromStep({ number, weight, bake, audience, state, startTime, endTime, note }: StepMessage): StepStatus {
  return omitUndefined({
    number,
    weight,
    bakeMs: fromDuration(bake, 0),
    audience: audiences.word(audience),
    state: phaseStates.word(state) ?? 'pending',
    startedAt: fromTimestamp(startTime),
    endedAt: fromTimestamp(endTime),
    note: emptyToUndefined(note),
  });
}

export function fromRollout(rollout: Rollout): RolloutStatus {
  const { wait, verdicts, paused, quarantinedStacks, drains, hooks, previousRevision, artifact } = rollout;
  return {
    ...fromRecorded(rollout),
    ...omitUndefined({
      previous: readNumber(previousRevision),
      baseline: readNumber(rollout.baselineRevision),
      artifact: emptyToUndefined(artifact),
      preview: emptyToUndefined(rollout.previewAddress),
      undoing: phases.word(rollout.undoing),
      wait: wait && fromWait(wait),
      plan: rollout.plan && fromOutline(rollout.plan),
      frozen: rollout.frozen && {
        because: rollout.frozen.because,
        since: fromRequiredTimestamp(rollout.frozen.sinceTime),
      },
      breakGlass: rollout.breakGlass && fromBreakGlass(rollout.breakGlass),
    }),
    phase: phases.word(rollout.phase) ?? 'plan',
    phases: rollout.phases.map(fromPhase),
    steps: rollout.steps.map(fromStep),
    paused,
    ...(rollout.gates.length === 0 ? {} : { gates: rollout.gates.map(fromGateStatus) }),
    verdicts: verdicts.map(fromVerdict),
    ...(drains.length === 0 ? {} : { drains: drains.map(fromDrain) }),
    ...(hooks.length === 0 ? {} : { hooks: hooks.map(fromHookReport) }),
    quarantined: quarantinedStacks,
    ...(rollout.activities.length === 0 ? {} : { activities: rollout.activities.map(fromActivity) }),
  };
}

export function fromRecorded(rollout: Rollout): RolloutRecord {
  const { name, kind, state, revision, actor, reason, startTime, endTime, because, exposure } = rollout;
  return omitUndefined({
    service: readService(name),
    number: readNumber(name) ?? 0,
    kind: kinds.word(kind) ?? 'deploy',
    revision: readNumber(revision),
    actor,
    reason: emptyToUndefined(reason),
    startedAt: fromRequiredTimestamp(startTime),
    endedAt: fromTimestamp(endTime),
    outcome: outcomes.word(state),
    because: emptyToUndefined(because),
    exposure: exposure && fromExposure(exposure),
  });
}

export function fromQueued({ name, kind, revision, artifact, actor, queueTime }: Rollout): QueuedRollout {
  return omitUndefined({
    number: readNumber(name) ?? 0,
    kind: kinds.word(kind) ?? 'deploy',
    revision: readNumber(revision),
    artifact: emptyToUndefined(artifact),
    actor,
    queuedAt: fromRequiredTimestamp(queueTime),
  });
}

function fromActivity(activity: ActivityMessage): PendingActivity {
  return omitUndefined({
    name: activity.name,
    state: activityStates.word(activity.state) ?? 'running',
    since: fromRequiredTimestamp(activity.sinceTime),
    attempt: activity.attempt,
    lastError: emptyToUndefined(activity.lastError),
    nextAttemptAt: fromTimestamp(activity.nextAttemptTime),
    until: fromTimestamp(activity.untilTime),
    because: emptyToUndefined(activity.because),
    latest: emptyToUndefined(activity.latest),
  });
}

function fromPhase({ phase, state, startTime, endTime, note }: PhaseMessage): PhaseStatus {
  return omitUndefined({
    phase: phases.word(phase) ?? PHASES[0],
    state: phaseStates.word(state) ?? 'pending',
    startedAt: fromTimestamp(startTime),
    endedAt: fromTimestamp(endTime),
    note: emptyToUndefined(note),
  });
}
