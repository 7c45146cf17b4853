import { readFileSync, readdirSync } from 'node:fs';
import { runningProcesses } from '../../blueprints/local-process/inventory.ts';
import type { DataFolder } from '../data-folder.ts';
import { readLease } from '../dev/lease.ts';
import { type ProcessIdentity, identify, isAlive } from '../host/process-identity.ts';

/** An environment variable that names the demo's data folder: whatever a demo starts inherits it. */
export const DEMO_MARK = 'SUPPLANT_DEMO';
/** The blueprint's own mark of what it starts; its value begins with the data folder. */
const PROCESS_MARK = 'SUPPLANT_PROCESS';

/**
 * Every live process that a demo on this folder has started, itself or through Supplant. Proven by what only they carry
 * in their environment (Linux), and by recorded identities.
 */
export async function demoProcesses(folder: DataFolder): Promise<ProcessIdentity[]> {
  const found = new Map<number, ProcessIdentity>();
  for (const identity of [...marked(folder.root), ...parts(folder), ...(await services(folder))]) {
    if (identity.pid !== process.pid) found.set(identity.pid, identity);
  }
  return [...found.values()];
}

function marked(root: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isMarked(environment(pid), root))
    .flatMap((pid) => identify(pid) ?? []);
}

/** Whether a process's environment, as in `/proc/<pid>/environ`, says that it belongs to a demo on the folder. */
export function isMarked(environ: string, root: string): boolean {
  return environ
    .split('\0')
    .some((variable) => variable === `${DEMO_MARK}=${root}` || variable.startsWith(`${PROCESS_MARK}=${root}/`));
}

/** Empty for processes of other users and for those that have ended. */
function environment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

function parts(folder: DataFolder): ProcessIdentity[] {
  const lease = readLease(folder.lease);
  return lease ? [lease.dev, ...Object.values(lease.parts)].filter(isAlive) : [];
}

async function services(folder: DataFolder): Promise<ProcessIdentity[]> {
  return (await runningProcesses(folder.stacks)).flatMap(({ pid }) => identify(pid) ?? []);
}
