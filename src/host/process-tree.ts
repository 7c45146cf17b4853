import { readEnvironment, listProcessIds } from './marks.ts';
import { identifyProcess, isAlive, type ProcessIdentity, type ProcessStat, readStat } from './process-identity.ts';

/** All processes but the kernel's own; none where there is no `/proc`. */
export function readProcessTable(): Map<number, ProcessStat> {
  const table = new Map<number, ProcessStat>();
  for (const pid of listProcessIds()) {
    const stat = readStat(pid);
    if (stat && stat.session !== 0) table.set(pid, stat);
  }
  return table;
}

/** Adds to some processes what they have started, and what that has, as far as those between still run. */
export function addDescendants(pids: Set<number>, table: ReadonlyMap<number, ProcessStat>): void {
  for (let size = -1; size !== pids.size;) {
    size = pids.size;
    for (const [pid, { parent }] of table) if (pids.has(parent)) pids.add(pid);
  }
}

/** A session by its leader, who may have ended: its pid is not given again while the session or its group exists. */
export interface Session {
  leader: number;
  /** When the leader started, in clock ticks since boot. Nothing older belongs to it. */
  sinceTicks: number;
}

/**
 * Ends a session at once, with all that was started in it: what is in the session or in its leader's group, their
 * children, and those that carry the variable (`NAME=value`) in their environment. Whatever is started meanwhile is ended
 * too. Finds nothing where there is no `/proc`.
 */
export function killSession(session: Session, variable: string): void {
  // A process that forks as it is looked at is found by the next look; this many are plenty.
  for (let look = 0; look < 10; look += 1) {
    const found = sessionMembers(session, variable);
    if (found.length === 0) return;
    for (const identity of found) if (isAlive(identity)) kill(identity.pid);
  }
}

function sessionMembers({ leader, sinceTicks }: Session, variable: string): ProcessIdentity[] {
  const table = readProcessTable();
  const own = new Set<number>();
  for (const [pid, { session, group, startTicks }] of table) {
    const isIn = (session === leader || group === leader) && Number(startTicks) >= sinceTicks;
    if (isIn || readEnvironment(pid).includes(variable)) own.add(pid);
  }
  addDescendants(own, table);
  return [...own].flatMap((pid) => identifyProcess(pid) ?? []);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
