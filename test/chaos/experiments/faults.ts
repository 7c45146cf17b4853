import { setTimeout as sleep } from 'node:timers/promises';
import type { ExperimentKey } from '../../../src/domain/experiment/experiment.ts';
import { FAULTS, type Struck } from '../faults.ts';
import type { World } from '../world.ts';
import type { ExperimentFaultKind, PlannedExperimentFault } from './plan.ts';
import { deleteScheduleOf, forgetLease, terminateReaper, terminateRuns } from './tampering.ts';
import type { Uptime } from './uptime.ts';

/** What is struck: an experiment, in a world. */
export interface Target {
  world: World;
  key: ExperimentKey;
  uptime: Uptime;
}

/** Past any TTL here. */
const JUMP_S = 90;

type Own = Extract<
  ExperimentFaultKind,
  'clock-jumped' | 'run-terminated' | 'schedule-deleted' | 'lease-forgotten' | 'reaper-terminated'
>;

const OWN: Record<Own, (target: Target, fault: PlannedExperimentFault) => Promise<Struck>> = {
  'clock-jumped': async ({ world: { clock } }, { holdMs }) => {
    if (!clock) return 'missed';
    clock.set(JUMP_S);
    await sleep(holdMs);
    clock.set(0);
    return 'struck';
  },
  'run-terminated': ({ world }) => terminateRuns(world),
  'schedule-deleted': ({ world, key }) => deleteScheduleOf(world, [key]),
  'lease-forgotten': ({ world, key }, { pick }) => forgetLease(world, key, pick),
  'reaper-terminated': ({ world }) => terminateReaper(world),
};

/** While these hold nothing can be done, although every process runs. */
const PARALYSING: ExperimentFaultKind[] = ['store-locked', 'power-cut', 'dev-killed'];

/** Returns when what was struck is on its way back, or was put back. */
export function strikeExperiment(target: Target, fault: PlannedExperimentFault): Promise<Struck> {
  const { kind } = fault;
  const strike = (): Promise<Struck> =>
    isOwn(kind) ? OWN[kind](target, fault) : FAULTS[kind](target.world, { ...fault, kind, step: 0 });
  return PARALYSING.includes(kind) ? target.uptime.without(strike) : strike();
}

function isOwn(kind: ExperimentFaultKind): kind is Own {
  return kind in OWN;
}
