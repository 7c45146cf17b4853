import { locateCgroup, readCgroupPids, killCgroup } from '../../src/host/cgroups.ts';
import type { Marks } from '../../src/host/claiming-command.ts';
import type { Claim } from '../../src/host/claims.ts';
import { computeLimitMark, readLimitMark } from '../../src/host/limit-mark.ts';
import { readEnvironment, findMarkedProcesses as marked } from '../../src/host/marks.ts';
import {
  readBootId,
  identifyProcess,
  isAlive,
  type ProcessIdentity,
  type ProcessStat,
} from '../../src/host/process-identity.ts';
import { addDescendants, readProcessTable } from '../../src/host/process-tree.ts';
import { MARKER } from './launcher.ts';

export interface Member extends ProcessIdentity {
  /** Reached by a signal to the group that the record's process leads. */
  inGroup: boolean;
}

/** What a record's process is marked with as it starts, where the machine lets us. */
export function marksOf(record: string): Marks {
  const limit = computeLimitMark(record);
  return { cgroup: locateCgroup(`supplant-${limit}`), limit };
}

/**
 * Every live process that belongs to a record: its own, and whatever that has started, directly or not. They are known
 * by what they cannot change: the control group, the mark in their limits, their session and group, whose child they are;
 * and by the mark in their environment, which a program that sets its title overwrites. A process that merely has the
 * recorded pid, or a group of that number which the pid's new owner leads, is not among them.
 */
export function members(record: string, start?: Claim): Member[] {
  const { holder } = start ?? {};
  const leads = holder !== undefined && isAlive(holder);
  if (process.platform !== 'linux') return leads ? [{ ...holder, inGroup: true }] : [];
  const table = readProcessTable();
  const own = new Set(start?.cgroup === undefined ? [] : readCgroupPids(start.cgroup));
  const limit = computeLimitMark(record);
  const variable = `${MARKER}=${record}`;
  const inSession = sessionOf(start, leads, table);
  for (const [pid, stat] of table) {
    if (own.has(pid)) continue;
    if (inSession(stat) || readLimitMark(pid) === limit || readEnvironment(pid).includes(variable)) own.add(pid);
  }
  addDescendants(own, table);
  return [...own].flatMap((pid) => {
    const identity = identifyProcess(pid);
    return identity ? [{ ...identity, inGroup: leads && table.get(pid)?.group === holder.pid }] : [];
  });
}

/**
 * Whether a process is in the session or the group of the record's process. Once that has ended, its pid is not given to
 * another while its session or group has members; but nobody knows whether they had not all ended before. So then only
 * what is not older counts, and only of a start that could not be marked better.
 */
function sessionOf(
  start: Claim | undefined,
  leads: boolean,
  table: Map<number, ProcessStat>,
): (stat: ProcessStat) => boolean {
  const { holder } = start ?? {};
  if (!holder) return () => false;
  const isIn = ({ session, group }: ProcessStat): boolean => session === holder.pid || group === holder.pid;
  if (leads) return isIn;
  const [boot, ticks] = holder.started.split('/');
  const isMarked = start?.cgroup !== undefined || start?.limit !== undefined;
  const successor = table.get(holder.pid);
  const isTaken = successor !== undefined && successor.startTicks !== ticks;
  if (isMarked || boot !== readBootId() || isTaken) return () => false;
  return (stat) => isIn(stat) && Number(stat.startTicks) >= Number(ticks);
}

/** Signals a record's processes, each once. */
export function signalMembers(record: string, start: Claim | undefined, name: NodeJS.Signals): void {
  const { holder, cgroup } = start ?? {};
  const targets = members(record, start);
  if (name === 'SIGKILL' && cgroup !== undefined) killCgroup(cgroup);
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
