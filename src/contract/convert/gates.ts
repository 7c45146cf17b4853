import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GateAction, GatePhase, GatedVerb, ReasonDemand } from '../../domain/gates/gate.ts';
import type { BreakGlass, GateKind, GateState, GateStatus } from '../../domain/gates/status.ts';
import {
  ApprovalGate_Reason,
  type BreakGlass as BreakGlassMessage,
  type BreakGlassSchema,
  Gate_Action,
  Gate_Verb,
  type GateStatus as GateMessage,
  GateStatus_Kind,
  type GateStatusSchema,
  GateStatus_State,
} from '../gen/supplant/v1/gates_pb.ts';
import { Words, phases } from './enums.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromRequiredTimestamp, fromTimestamp, toTimestamp } from './time.ts';

export const gateActions = new Words<GateAction, Gate_Action>({
  rollback: Gate_Action.ROLLBACK,
  proceed: Gate_Action.PROCEED,
});

export const gatedVerbs = new Words<GatedVerb, Gate_Verb>({
  apply: Gate_Verb.APPLY,
  deploy: Gate_Verb.DEPLOY,
  restart: Gate_Verb.RESTART,
  remove: Gate_Verb.REMOVE,
});

export const reasonDemands = new Words<ReasonDemand, ApprovalGate_Reason>({
  optional: ApprovalGate_Reason.OPTIONAL,
  required: ApprovalGate_Reason.REQUIRED,
});

const gateKinds = new Words<GateKind, GateStatus_Kind>({
  approval: GateStatus_Kind.APPROVAL,
  window: GateStatus_Kind.WINDOW,
  webhook: GateStatus_Kind.WEBHOOK,
  'change-stop': GateStatus_Kind.CHANGE_STOP,
});

const gateStates = new Words<GateState, GateStatus_State>({
  waiting: GateStatus_State.WAITING,
  open: GateStatus_State.OPEN,
  expired: GateStatus_State.EXPIRED,
  refused: GateStatus_State.REFUSED,
  skipped: GateStatus_State.SKIPPED,
});

export function toGateStatus(gate: GateStatus): MessageInitShape<typeof GateStatusSchema> {
  const { name, kind, before, step, state, since, until, endedAt, then, because, opensAt, approval, approvals } = gate;
  return omitUndefined({
    ...{ name, step, because },
    kind: gateKinds.number(kind),
    before: phases.number(before),
    state: gateStates.number(state),
    sinceTime: toTimestamp(since),
    untilTime: toTimestamp(until),
    endTime: toTimestamp(endedAt),
    then: gateActions.number(then),
    openTime: toTimestamp(opensAt),
    approval: approval && { ...approval, reason: reasonDemands.number(approval.reason) },
    approvals: approvals?.map(({ actor, at, reason }) => omitUndefined({ actor, time: toTimestamp(at), reason })),
  });
}

export function fromGateStatus(message: GateMessage): GateStatus {
  const { name, kind, before, step, state, approval, approvals, because } = message;
  return omitUndefined({
    name,
    kind: gateKinds.word(kind) ?? 'approval',
    before: (phases.word(before) ?? 'shift') as GatePhase,
    step: step === 0 ? undefined : step,
    state: gateStates.word(state) ?? 'waiting',
    since: fromRequiredTimestamp(message.sinceTime),
    until: fromRequiredTimestamp(message.untilTime),
    endedAt: fromTimestamp(message.endTime),
    then: gateActions.word(message.then) ?? 'rollback',
    because: emptyToUndefined(because),
    opensAt: fromTimestamp(message.openTime),
    approval: approval && {
      from: approval.from,
      least: approval.least ?? 1,
      notRequester: approval.notRequester ?? true,
      reason: reasonDemands.word(approval.reason) ?? 'optional',
      ...(approval.temporalUi ? { temporalUi: true as const } : {}),
    },
    approvals:
      approval &&
      approvals.map(({ actor, time, reason }) =>
        omitUndefined({ actor, at: fromRequiredTimestamp(time), reason: emptyToUndefined(reason) }),
      ),
  });
}

export function toBreakGlass({ actor, reason, at }: BreakGlass): MessageInitShape<typeof BreakGlassSchema> {
  return omitUndefined({ actor, reason, time: toTimestamp(at) });
}

export function fromBreakGlass({ actor, reason, time }: BreakGlassMessage): BreakGlass {
  return { actor, reason, at: fromRequiredTimestamp(time) };
}
