import { runningProcesses } from '../blueprints/local-process/inventory.ts';
import type { DataFolder } from '../src/data-folder.ts';
import { readLease } from '../src/host/dev-lease.ts';
import { findMarkedProcesses } from '../src/host/marks.ts';
import { type ProcessIdentity, identifyProcess, isAlive } from '../src/host/process-identity.ts';

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
  return findMarkedProcesses((variable) => isMark(variable, root)).flatMap(({ pid }) => identifyProcess(pid) ?? []);
}

/** Whether a variable (`NAME=value`) of a process's environment says that it belongs to a demo on the folder. */
export function isMark(variable: string, root: string): boolean {
  return variable === `${DEMO_MARK}=${root}` || variable.startsWith(`${PROCESS_MARK}=${root}/`);
}

function parts(folder: DataFolder): ProcessIdentity[] {
  const lease = readLease(folder.lease);
  return lease ? [lease.dev, ...Object.values(lease.parts)].filter(isAlive) : [];
}

async function services(folder: DataFolder): Promise<ProcessIdentity[]> {
  return (await runningProcesses(folder.stacks)).flatMap(({ pid }) => identifyProcess(pid) ?? []);
}
