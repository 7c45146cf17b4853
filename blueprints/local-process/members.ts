import { environmentOf, markedProcesses as marked, processIds } from '../../src/host/marks.ts';
import { identify, isAlive, type ProcessIdentity, readStat } from '../../src/host/process-identity.ts';
import { MARKER } from './launcher.ts';

export interface Member extends ProcessIdentity {
  /** Reached by a signal to the group that the record's process leads. */
  inGroup: boolean;
}

/**
 * Every live process that belongs to a record: its own, those of its group, and those that left the group but carry the
 * mark. A process that merely has the recorded pid, or a group of that number which the pid's new owner leads, is not
 * among them.
 */
export function members(record: string, holder?: ProcessIdentity): Member[] {
  const leads = holder !== undefined && isAlive(holder);
  if (process.platform !== 'linux') return leads ? [{ ...holder, inGroup: true }] : [];
  const mark = `${MARKER}=${record}`;
  const found: Member[] = [];
  for (const pid of processIds()) {
    const inGroup = leads && readStat(pid)?.group === holder.pid;
    if (!inGroup && !environmentOf(pid).includes(mark)) continue;
    const identity = identify(pid);
    if (identity) found.push({ ...identity, inGroup });
  }
  return found;
}

/** Signals a record's processes, each once. */
export function signalMembers(record: string, holder: ProcessIdentity | undefined, name: NodeJS.Signals): void {
  const targets = members(record, holder);
  if (holder && targets.some((target) => target.inGroup)) kill(holder, -holder.pid, name);
  for (const target of targets) {
    if (!target.inGroup) kill(target, target.pid, name);
  }
}

/** Every live process that is marked with a record under the folder. Linux only; elsewhere none. */
export function markedProcesses(folder: string): { pid: number; record: string }[] {
  const start = `${MARKER}=${folder}/`;
  return marked((variable) => variable.startsWith(start)).map(({ pid, mark }) => ({
    pid,
    record: mark.slice(MARKER.length + 1),
  }));
}

/** Identified again right before the signal, because a list of processes is as old as its scan. */
function kill(identity: ProcessIdentity, target: number, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(target, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
