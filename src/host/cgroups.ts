import { readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * The folder of a control group (version 2) of that name below this process's own, for a process to be put in: whatever it
 * starts stays there, and only root can leave. Undefined where there is no such hierarchy; whether a group may be made in
 * it is found out by trying.
 */
export function locateCgroup(name: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const own = read('/proc/self/cgroup');
  const mounts = read('/proc/self/mountinfo');
  return findCgroupFolder(own, mounts, name);
}

/** @param own a text such as `/proc/self/cgroup` @param mounts one such as `/proc/self/mountinfo` (both proc(5)) */
export function findCgroupFolder(own: string, mounts: string, name: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(own)?.[1];
  const mount = mounts.split('\n').find((line) => line.includes(' - cgroup2 '));
  const [root, point] = mount?.split(' ').slice(3, 5) ?? [];
  if (path === undefined || root === undefined || point === undefined) return undefined;
  const below = relative(root, path);
  // Of a group outside of what is mounted here nothing can be seen.
  return below.startsWith('..') || path.startsWith('/..') ? undefined : join(point, below, name);
}

/** The pids in a group and in those below it; none where it is gone. */
export function readCgroupPids(folder: string): number[] {
  const own = read(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
  // 0 stands for a process that has no pid here.
  return [...own.filter((pid) => pid > 0), ...below(folder).flatMap(readCgroupPids)];
}

/** Ends everything in a group at once, however fast it forks (Linux 5.14; before, nothing happens). */
export function killCgroup(folder: string): void {
  try {
    writeFileSync(join(folder, 'cgroup.kill'), '1', { flag: 'r+' });
  } catch {
    // Who wants it ended signals each process as well.
  }
}

/**
 * Removes a group that nothing is in any more, and those below it. Whether it is gone: a process that has ended is in it
 * until the kernel is through with it.
 */
export function removeCgroup(folder: string): boolean {
  below(folder).forEach(removeCgroup);
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function below(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
