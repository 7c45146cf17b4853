import { readServiceKey } from '../service/messages.ts';
import type { Start } from '../service/messages.ts';
import { EXPERIMENT_NAME } from './experiment.ts';
import { type ExperimentInput, type RunTrigger, experimentIds } from './run.ts';

/*
 * Anyone who reaches Temporal can start a workflow with anything, so what comes from there is looked at before it is used.
 * That it has the right shape does not make it true: what a run is to do is read from the record.
 */

/** What an experiment's workflow begins with; undefined for what is not of the shape. */
export function readExperimentInput(value: unknown): ExperimentInput | undefined {
  if (typeof value !== 'object' || value === null || !('experiment' in value) || !('v' in value)) return undefined;
  const key = readServiceKey(value.experiment);
  return value.v === 1 && key && EXPERIMENT_NAME.test(key.name) ? { v: 1, experiment: key } : undefined;
}

/** How a run was begun, as far as Temporal knows. */
export type RunStartKind =
  | { kind: 'requested' }
  /** @see RunTrigger: which of the two it is, the time says. */
  | { kind: 'scheduled'; time: string };

/**
 * By a schedule of ours, or under the name of a request; undefined where it was neither.
 *
 * @param scheduledBy the schedule that started it, as Temporal has it
 */
export function readRunStart(
  { experiment }: ExperimentInput,
  { workflowId, parentId }: Start,
  scheduledBy: string | undefined,
): RunStartKind | undefined {
  if (parentId !== undefined) return undefined;
  if (workflowId.startsWith(experimentIds.requested(experiment, '')) && scheduledBy === undefined) {
    return { kind: 'requested' };
  }
  const prefix = `${experimentIds.scheduled(experiment)}-`;
  const time = workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : '';
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time) && !Number.isNaN(Date.parse(time));
  return isTime && scheduledBy === experimentIds.schedule(experiment) ? { kind: 'scheduled', time } : undefined;
}

/** Later than that after its time, beyond its jitter, a run is no run of the schedule as it goes, in milliseconds. */
const LATE_MS = 5 * 60_000;

/** Whether a scheduled run is one of times that somebody wants made up for. Temporal catches up on a minute by itself. */
export function chooseTrigger(time: string, { jitterMs = 0 }: { jitterMs?: number }, now: Date): RunTrigger {
  return now.getTime() - Date.parse(time) > LATE_MS + jitterMs ? 'backfill' : 'schedule';
}
