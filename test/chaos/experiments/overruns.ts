import type { AuditEvent } from '../../../src/store/audit/store.ts';
import { type RunStatus, formatRunName } from '../../../src/domain/experiment/run.ts';

/** A stack of a run, and how long it was there after its lease, in milliseconds. */
export interface Overrun {
  stack: string;
  ms: number;
  /** What said that it was gone. */
  by?: string;
}

/** What says that a stack is gone, whoever has seen to it. */
const GONE = ['stack.destroyed', 'reaper.reaped'];

/**
 * How late every stack went that was begun to be made, by the audit log and by the deadlines that runs have on record.
 *
 * @param downWithin how much of a time the installation could not work, in milliseconds; that does not count
 */
export function computeOverruns(
  events: readonly AuditEvent[],
  runs: readonly RunStatus[],
  downWithin: (from: number, to: number) => number,
): Overrun[] {
  const deadlines = new Map(runs.map((run) => [formatRunName(run), Date.parse(run.deadlineAt)]));
  return listStacks(events).map(({ stack, run }) => {
    const deadline = deadlines.get(run) ?? 0;
    const gone = events.find((event) => isEndOf(stack, event));
    const goneAt = gone ? Date.parse(gone.at) : Number.POSITIVE_INFINITY;
    const ms = goneAt <= deadline ? 0 : Math.max(0, goneAt - deadline - downWithin(deadline, goneAt));
    return { stack, ms, ...(gone ? { by: gone.type } : {}) };
  });
}

/** Whether it is on record of every stack that was begun to be made that it is gone. */
export function isAllTold(events: readonly AuditEvent[]): boolean {
  return listStacks(events).every(({ stack }) => events.some((event) => isEndOf(stack, event)));
}

function isEndOf(stack: string, { type, data }: AuditEvent): boolean {
  return GONE.includes(type) && data.stack === stack;
}

/** Stacks that were made although they had been destroyed, or without a lease. */
export function findMadeAmiss(events: readonly AuditEvent[]): string[] {
  return listStacks(events).flatMap(({ stack }) => {
    const of = (...types: string[]): AuditEvent[] =>
      events.filter(({ type, data }) => types.includes(type) && data.stack === stack);
    const [leased] = of('lease.taken');
    const [begun] = of('stack.provisioning');
    const [gone] = of(...GONE);
    const made = of('stack.provisioned').at(-1);
    return [
      ...(begun && (!leased || leased.seq > begun.seq) ? [`${stack} was made before it had a lease`] : []),
      ...(made && gone && made.seq > gone.seq ? [`${stack} was made after it had been destroyed`] : []),
    ];
  });
}

function listStacks(events: readonly AuditEvent[]): { stack: string; run: string }[] {
  return events
    .filter(({ type }) => type === 'stack.provisioning')
    .map(({ data, rollout = '' }) => ({ stack: data.stack as string, run: rollout }));
}
