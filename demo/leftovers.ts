import { join } from 'node:path';
import { inventory, runningProcesses, sweep } from '../blueprints/local-process/inventory.ts';
import type { DataFolder } from '../src/data-folder.ts';
import { readLease } from '../src/host/dev-lease.ts';
import { endOrphan } from '../src/dev/orphans.ts';
import { FileStateStore } from '../src/stacks/pulumi/state/file-state-store.ts';
import { demoProcesses } from './marks.ts';

export interface Leftovers {
  /** Names of stacks that the state store lists, or of which something is left on this host. */
  stacks: string[];
  /** Their process ids. */
  processes: number[];
}

/** A running engine ends cleanly within this, in milliseconds. */
const GRACE_MS = 20_000;

/** What is there of stacks and processes, seen from outside: from files and from the operating system. */
export async function leftovers(folder: DataFolder): Promise<Leftovers> {
  const processes = await demoProcesses(folder);
  return { stacks: await stacks(folder), processes: processes.map(({ pid }) => pid) };
}

export async function stacks(folder: DataFolder): Promise<string[]> {
  const listed = await new FileStateStore(join(folder.stacks, 'state')).list();
  const found = await inventory(folder.stacks);
  return [...new Set([...listed, ...found].map(({ stack }) => stack))].sort();
}

/**
 * Ends everything of a demo on the folder, by proven identity: first who would start further processes, then the services,
 * which nobody revives then.
 */
export async function endLeftovers(folder: DataFolder): Promise<void> {
  const lease = readLease(folder.lease);
  if (lease) await endOrphan(lease.dev, GRACE_MS);
  const services = new Set((await runningProcesses(folder.stacks)).map(({ pid }) => pid));
  const others = (await demoProcesses(folder)).filter(({ pid }) => !services.has(pid));
  await Promise.all(others.map((one) => endOrphan(one, GRACE_MS)));
  for (const { project, stack } of await inventory(folder.stacks)) await sweep(folder.stacks, { project, stack });
}
