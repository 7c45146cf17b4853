import { listOccurrences } from '../calendar/occurrences.ts';
import type { OpeningHours } from '../domain/gates/gate.ts';
import type { GateStatus } from '../domain/gates/status.ts';
import { type ChangeStop, findStop } from '../domain/gates/stop.ts';
import { type WindowLook, judgeWindow } from '../domain/gates/window.ts';
import type { JsonObject } from '../domain/json.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import type { ServiceKey } from '../domain/service/service.ts';
import type { ChangeStopLog } from '../store/change-stops/log.ts';
import type { Journal } from './journal.ts';

export interface WindowTask {
  hours: OpeningHours;
  /** ISO 8601; the rollout's own time, so that what is found lies ahead of it. */
  at: string;
}

export interface GatesTask {
  ref: RolloutRef;
  gates: GateStatus[];
}

/** Looks at gates, and puts down how they stand. */
export function gateActivities(stops: Pick<ChangeStopLog, 'list'>, journal: Journal) {
  return {
    async lookAtWindow({ hours, at }: WindowTask): Promise<WindowLook> {
      return judgeWindow(hours, Date.parse(at), listOccurrences);
    },

    /** The stop of changes that counts for a service; null where there is none. */
    async lookUpStop(service: ServiceKey): Promise<ChangeStop | null> {
      return findStop(await stops.list(), service, Date.now()) ?? null;
    },

    /** How gates stand that are waited for, or were. */
    async recordGates({ ref, gates }: GatesTask): Promise<void> {
      for (const gate of gates) {
        const { name, before, step, state, since, because } = gate;
        const place = step === undefined ? before : `${before}-${step}`;
        await journal.writeFirst(ref, 'rollout.gate', `${place}/${name}/${state}/${since}`, toData(gate), because);
      }
    },
  };
}

function toData({ name, kind, before, step, state, until, then, approvals, opensAt }: GateStatus): JsonObject {
  return {
    ...{ gate: name, kind, before, state, until, then },
    ...(step === undefined ? {} : { step }),
    ...(opensAt === undefined ? {} : { opensAt }),
    ...(approvals === undefined ? {} : { approvals: approvals.map((approval) => ({ ...approval })) }),
  };
}
