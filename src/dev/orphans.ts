import { setTimeout as sleep } from 'node:timers/promises';
import { findMarkedProcesses } from '../host/marks.ts';
import { type ProcessIdentity, identifyProcess, isAlive } from '../host/process-identity.ts';
import type { Lease } from '../host/dev-lease.ts';
import { readPartMark } from '../host/part-mark.ts';

/**
 * What a killed `supplant dev` has left running, by name: what it noted, and what it had no time to note, or no space on
 * the disk, as far as processes can be told by their environment (Linux).
 */
export function findOrphans(root: string, lease: Lease | undefined): [name: string, identity: ProcessIdentity][] {
  const noted = Object.entries(lease?.parts ?? {});
  const name = (variable: string): string | undefined => readPartMark(root, variable);
  const marked = findMarkedProcesses((variable) => name(variable) !== undefined).flatMap(
    ({ pid, mark }): [string, ProcessIdentity][] => {
      const identity = identifyProcess(pid);
      return identity ? [[name(mark) ?? mark, identity]] : [];
    },
  );
  const unnoted = marked.filter(([, { pid }]) => !noted.some(([, known]) => known.pid === pid));
  return [...noted, ...unnoted].filter(([, identity]) => isAlive(identity));
}

/** Ends a process that an earlier, killed `supplant dev` left behind. */
export async function endOrphan(identity: ProcessIdentity, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  signal(identity, 'SIGTERM');
  while (isAlive(identity)) {
    if (performance.now() > deadline) signal(identity, 'SIGKILL');
    await sleep(20);
  }
}

function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}
