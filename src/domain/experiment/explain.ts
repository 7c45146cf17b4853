import { type RunStatus, formatRunName } from './run.ts';

/** What happened, what it waits for, and what can be done, in plain sentences. */
export function explainRun(status: RunStatus, _now: Date): string[] {
  return [`${formatRunName(status)}: ${status.outcome ?? status.phase}.`];
}
