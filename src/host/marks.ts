import { readFileSync, readdirSync } from 'node:fs';

/**
 * Every live process whose environment, as it was when the process began, has a variable that `isMark` accepts, with that
 * variable (`NAME=value`). Whatever such a process starts is marked too, unless it was taken out of its environment. Linux
 * only; elsewhere none. Processes of other users are not seen.
 */
export function findMarkedProcesses(isMark: (variable: string) => boolean): { pid: number; mark: string }[] {
  return listProcessIds().flatMap((pid) => {
    const mark = readEnvironment(pid).find(isMark);
    return mark === undefined ? [] : [{ pid, mark }];
  });
}

/** None where there is no `/proc`. */
export function listProcessIds(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid));
}

/** Empty for processes of other users, zombies and the kernel's own. */
export function readEnvironment(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
