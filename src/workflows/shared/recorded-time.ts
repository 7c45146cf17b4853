/*
 * A workflow's clock shows when its task began, and how long its steps in place have taken since. Where a worker stands still for longer
 * than a task may take, the server gives the task out once more, and Temporal's core may go on with the clock of the first one. That one
 * is not in the history, and a replay finds a later time. So what is decided by the clock after a step in place goes by the
 * latest time that is on record.
 */

interface Noted {
  supplantTime?: number;
}

/** Notes a time, in milliseconds, that a replay finds as well: what a step in place has told, or the clock after an ordinary activity. */
export function noteTime(at: number): void {
  (globalThis as Noted).supplantTime = Math.max(readNotedTime(), at);
}

/** The latest time that was noted in this run of the workflow, in milliseconds; 0 where none was. */
export function readNotedTime(): number {
  // Modules are those of all workflows of a thread; what is global, each has for itself.
  return (globalThis as Noted).supplantTime ?? 0;
}
