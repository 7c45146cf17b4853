import { readdir } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess, type ProcessIdentity } from '../../src/host/process-identity.ts';

/** What operations on a driver's stacks leave when all goes wrong. */
export interface Leftovers {
  /** Of the engine's state backend. */
  locks: string[];
  /** Folders of operations, and files beside them. */
  work: string[];
  /** Pids of engines that run. Linux only. */
  engines: number[];
}

/** @param dataDir the driver's */
export async function leftovers(dataDir: string): Promise<Leftovers> {
  const locks = await readdir(join(dataDir, 'state/.pulumi/locks'), { recursive: true }).catch(() => []);
  return {
    locks: locks.filter((name) => name.endsWith('.json')),
    work: await readdir(join(dataDir, 'work')),
    engines: withArgument(`${dataDir}/work/`, '--event-log').map(({ pid }) => pid),
  };
}

/** Where operations are under way, or were. */
export async function operationFolders(dataDir: string): Promise<string[]> {
  const work = join(dataDir, 'work');
  const entries = await readdir(work, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(work, name));
}

/** Every process that runs engines with the data folder, idle or not. Linux only. */
export function runners(dataDir: string): ProcessIdentity[] {
  return withArgument(JSON.stringify(dataDir), 'runner/main.ts');
}

function withArgument(...parts: string[]): ProcessIdentity[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const line = commandLine(pid);
    const identity = parts.every((part) => line.includes(part)) ? identifyProcess(Number(pid)) : undefined;
    return identity ? [identity] : [];
  });
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
