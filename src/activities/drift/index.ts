import type { DriftTarget } from '../../domain/drift/record.ts';
import type { Ports } from '../ports.ts';
import { addHeartbeats } from '../heartbeat.ts';
import { type TroubleTask, lookForDrift, noteLookTrouble } from './look.ts';
import { type TargetsTask, listDriftTargets } from './targets.ts';

/** Short steps of looks for drift; they run as other short steps do. */
export function createDriftActivities(parts: Pick<Ports, 'catalogue' | 'drift'>) {
  return addHeartbeats({
    listDriftTargets: (task: TargetsTask) => listDriftTargets(task, parts),
    noteLookTrouble: (task: TroubleTask) => noteLookTrouble(task, parts),
  });
}

/** Looks at stacks; they share the places of other engine operations. */
export function createLookActivities(parts: Pick<Ports, 'stacks' | 'catalogue' | 'audit' | 'drift'>) {
  return { lookForDrift: (target: DriftTarget) => lookForDrift(target, parts) };
}

export type DriftActivities = ReturnType<typeof createDriftActivities>;
export type LookActivities = ReturnType<typeof createLookActivities>;
