import { type Client, ScheduleNotFoundError } from '@temporalio/client';

/** How long Temporal may take to say how a schedule is, in milliseconds. */
const ANSWER_MS = 2_000;

/** Why nothing is started by a schedule: there is none, Temporal does not answer, or somebody has paused it, and what for. */
export type ScheduleTrouble = { kind: 'missing' } | { kind: 'silent' } | { kind: 'paused'; note: string };

/** Undefined where there is none. */
export async function findScheduleTrouble(temporal: Client, schedule: string): Promise<ScheduleTrouble | undefined> {
  try {
    const ask = () => temporal.schedule.getHandle(schedule).describe();
    const { state } = await temporal.connection.withDeadline(Date.now() + ANSWER_MS, ask);
    return state.paused ? { kind: 'paused', note: state.note ?? '' } : undefined;
  } catch (error) {
    return error instanceof ScheduleNotFoundError ? { kind: 'missing' } : { kind: 'silent' };
  }
}
