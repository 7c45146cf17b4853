import type { Approval, GateAction, GatePhase } from '../../domain/gates/gate.ts';
import type { BreakGlass, GateKind, GateState, GateStatus } from '../../domain/gates/status.ts';
import type { RolloutStatus } from '../../domain/rollout/status.ts';
import type { AuditEvent } from '../../store/audit/store.ts';

/** A rollout of which only the record is left, with its gates as they ended, who approved, and who has passed them. */
export function addRecordedGates(status: RolloutStatus, events: readonly AuditEvent[]): RolloutStatus {
  const gates = new Map<string, GateStatus>();
  for (const event of events) {
    if (event.type !== 'rollout.gate') continue;
    const { gate, before, step = 0 } = event.data;
    const place = JSON.stringify([gate, before, step]);
    gates.set(place, readGate(event, gates.get(place)));
  }
  const breakGlass = events.flatMap(readGlass).at(0);
  return {
    ...status,
    ...(gates.size === 0 ? {} : { gates: [...gates.values()].map((gate) => endWith(status, gate)) }),
    ...(breakGlass ? { breakGlass } : {}),
  };
}

/** One that was waited for when the rollout ended has not opened. */
function endWith({ outcome, endedAt, because }: RolloutStatus, gate: GateStatus): GateStatus {
  if (outcome === undefined || gate.state !== 'waiting') return gate;
  const why = because ?? 'the rollout has ended';
  return { ...gate, state: 'skipped', because: why, ...(endedAt === undefined ? {} : { endedAt }) };
}

/** As this program has recorded it. */
function readGate({ at, reason, data }: AuditEvent, waited: GateStatus | undefined): GateStatus {
  const { gate, step, opensAt, approvals } = data;
  const state = data.state as GateState;
  return {
    ...{ name: gate as string, kind: data.kind as GateKind, before: data.before as GatePhase, state },
    ...(step === undefined ? {} : { step: step as number }),
    ...{ since: waited?.since ?? at, until: data.until as string, then: data.then as GateAction },
    ...(state === 'waiting' ? {} : { endedAt: at }),
    ...(reason === undefined ? {} : { because: reason }),
    ...(opensAt === undefined ? {} : { opensAt: opensAt as string }),
    ...(approvals === undefined ? {} : { approvals: approvals as unknown as Approval[] }),
  };
}

function readGlass({ type, actor, reason = '', at, data }: AuditEvent): BreakGlass[] {
  const isBroken = data.breakGlass === true && (type === 'rollout.started' || type === 'rollout.asked');
  return isBroken ? [{ actor, reason, at }] : [];
}
