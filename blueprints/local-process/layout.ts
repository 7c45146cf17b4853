import { join, resolve } from 'node:path';
import type { StackId } from '../../src/stacks/blueprint.ts';

/** Where things are kept under the data folder. Names follow from the stack alone, so that anyone can find them again. */
function ownDir(dataDir: string): string {
  return resolve(dataDir, 'local-process');
}

export function revisionsDir(dataDir: string): string {
  return join(ownDir(dataDir), 'revisions');
}

/** `<data>/local-process/revisions/production/web-production-r17`: everything of one revision. */
export function revisionDir(dataDir: string, id: StackId): string {
  return join(revisionsDir(dataDir), id.project, id.stack);
}

/** The artifact's files, and the processes' working folder. */
export function appDir(revision: string): string {
  return join(revision, 'app');
}

/** Written last by an artifact's create: its presence says that `app` is complete. */
export function artifactPath(revision: string): string {
  return join(revision, 'artifact.json');
}

export const RECORD_SUFFIX = '.process.json';

export function recordPath(revision: string, name: string): string {
  return join(revision, `${name}${RECORD_SUFFIX}`);
}

export function logPath(revision: string, name: string): string {
  return join(revision, `${name}.log`);
}

/** Where the keeper of a process's log claims to be the only one, for one start of the process. */
export function keeperRecord(log: string, start: number): string {
  return `${log}.keeper-${start}`;
}

/** One symbolic link per port in use, named by the port and pointing at the record that holds it. */
export function portsDir(dataDir: string): string {
  return join(ownDir(dataDir), 'ports');
}

/** Installed packages, shared by the revisions that run them. */
export function packagesDir(dataDir: string): string {
  return join(ownDir(dataDir), 'packages');
}

/** Folders that were asked to be run, as they were then, by digest. */
export function foldersDir(dataDir: string): string {
  return join(ownDir(dataDir), 'folders');
}

/** Folders on their way out: moved here at once, so that nothing can be started in them, then removed. */
export function trashDir(dataDir: string): string {
  return join(ownDir(dataDir), 'trash');
}
