import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { FoundStack, StackId } from '../../src/stacks/blueprint.ts';
import { readLatestClaim } from '../../src/host/claims.ts';
import { RECORD_SUFFIX, revisionDir, revisionsDir } from './layout.ts';
import { markedProcesses, members } from './members.ts';
import { releasePorts, reservations } from './ports.ts';
import { removeProcess } from './processes.ts';
import { removeRevisionDir } from './release.ts';

/** What exists on this host: folders, records, reserved ports, and processes that carry a record's mark. */
export async function inventory(dataDir: string, only?: StackId): Promise<FoundStack[]> {
  const traces = new Map<string, Set<string>>();
  const note = (revision: string, trace: string): void => {
    const known = traces.get(revision) ?? new Set();
    traces.set(revision, known.add(trace));
  };
  for (const revision of only ? [revisionDir(dataDir, only)] : await revisionFolders(dataDir)) {
    if (await isFolder(revision)) note(revision, revision);
  }
  for (const record of await recordsOf(dataDir, [...traces.keys()])) note(dirname(record), record);
  const found = [...traces].map(([revision, known]) => ({ ...stackOf(dataDir, revision), traces: [...known] }));
  return found.filter(({ project, stack }) => !only || (project === only.project && stack === only.stack));
}

/** Ends and removes whatever {@link inventory} finds of a stack. */
export async function sweep(dataDir: string, id: StackId): Promise<void> {
  const revision = revisionDir(dataDir, id);
  const records = await recordsOf(dataDir, [revision]);
  const own = records.filter((record) => dirname(record) === revision);
  await Promise.all(own.map((record) => removeProcess(dataDir, record)));
  await Promise.all(own.map((record) => releasePorts(dataDir, record)));
  await removeRevisionDir(dataDir, revision);
}

/** A process of a revision, as found on this host. */
export interface RunningProcess extends StackId {
  /** The resource's name: `p1`. */
  name: string;
  pid: number;
}

/**
 * Every live process that this blueprint has started with the data folder, children included, whether or not anything
 * still owns it.
 * @param dataDir the stack driver's
 */
export async function runningProcesses(dataDir: string): Promise<RunningProcess[]> {
  const records = await recordsOf(dataDir, await revisionFolders(dataDir));
  const running = await Promise.all(
    records.map(async (record) => {
      const start = await readLatestClaim(record);
      const name = basename(record, RECORD_SUFFIX);
      return members(record, start).map(({ pid }) => ({ ...stackOf(dataDir, dirname(record)), name, pid }));
    }),
  );
  return running.flat();
}

/** Paths of the records of all folders, of all reservations and of all marked processes, written or not. */
async function recordsOf(dataDir: string, revisions: readonly string[]): Promise<string[]> {
  const written = await Promise.all(revisions.map(recordPaths));
  const reserved = (await reservations(dataDir)).map(([, record]) => record).filter((record) => record !== '');
  const marked = markedProcesses(revisionsDir(dataDir)).map(({ record }) => record);
  return [...new Set([...written.flat(), ...reserved, ...marked])];
}

/** The records in a revision's folder. */
export async function recordPaths(revision: string): Promise<string[]> {
  const names = await readdir(revision).catch(() => []);
  return names.filter((name) => name.endsWith(RECORD_SUFFIX)).map((name) => join(revision, name));
}

export async function revisionFolders(dataDir: string): Promise<string[]> {
  const root = revisionsDir(dataDir);
  const projects = await readdir(root).catch(() => []);
  const stacks = await Promise.all(
    projects.map(async (project) => {
      const names = await readdir(join(root, project)).catch(() => []);
      return names.map((stack) => join(root, project, stack));
    }),
  );
  return stacks.flat();
}

function stackOf(dataDir: string, revision: string): StackId {
  const [project = '', stack = ''] = relative(revisionsDir(dataDir), revision).split(sep);
  return { project, stack };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
