import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeDurably } from '../../src/host/durable-file.ts';
import { type ArtifactRef, parseArtifact } from './artifact.ts';
import { findKeptFolder } from './folder-store.ts';
import { copyFolder } from './folder-work.ts';
import { appDir, artifactPath, trashDir } from './layout.ts';
import { installedPackage, packageBins } from './npm.ts';

/** An artifact put in a revision's folder. */
export interface Release {
  /** As written in the service. */
  source: string;
  /** Where it runs: a folder of the revision's own, or the one that a command is given. */
  directory: string;
  /** What runs it: the configured command, else the artifact's own. */
  command: string[];
  /** SHA-256 of a folder's files, or the package's exact version. */
  identity: string;
}

/** Fills the revision's folder, or returns what an earlier call completed. */
export async function ensureRelease(
  dataDir: string,
  revision: string,
  source: string,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<Release> {
  const present = await readRelease(revision);
  if (present) {
    if (present.source === source) return present;
    throw new Error(`${revision} holds ${present.source}, not ${source}: a revision's artifact never changes`);
  }
  const parsed = parseArtifact(source);
  if ('fault' in parsed) throw new Error(parsed.fault);
  await rm(appDir(revision), { recursive: true, force: true });
  await mkdir(appDir(revision), { recursive: true });
  const { identity, directory = appDir(revision) } = await fill(dataDir, appDir(revision), parsed.ref, signal);
  const runs = command.length > 0 ? [...command] : await ownCommand(appDir(revision), parsed.ref);
  if (runs.length === 0) {
    throw new Error(`${source} has no program of its own to run; name one in blueprint.config.command`);
  }
  const release = { source, directory, identity, command: runs };
  await writeDurably(artifactPath(revision), `${JSON.stringify(release, null, 2)}\n`);
  return release;
}

/** Removes a revision's folder: out of the way in one step, so that nothing is started in it meanwhile. */
export async function removeRevisionDir(dataDir: string, revision: string): Promise<void> {
  const trash = join(trashDir(dataDir), `${basename(revision)}.${randomUUID()}`);
  await mkdir(trashDir(dataDir), { recursive: true });
  try {
    await rename(revision, trash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await rm(trash, { recursive: true, force: true, maxRetries: 3 });
}

/** Completes removals that were interrupted. The folder itself stays: another worker may be about to use it. */
export async function emptyTrash(dataDir: string): Promise<void> {
  const folder = trashDir(dataDir);
  const names = await readdir(folder).catch(() => []);
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })));
}

export async function readRelease(revision: string): Promise<Release | undefined> {
  try {
    return JSON.parse(await readFile(artifactPath(revision), 'utf8')) as Release;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The same, where the folder that it runs in is still there. */
export async function findRelease(revision: string): Promise<Release | undefined> {
  const release = await readRelease(revision);
  if (!release) return undefined;
  return (await stat(release.directory).catch(() => undefined))?.isDirectory() ? release : undefined;
}

/** `directory` where it is not the revision's own folder. */
type Filled = Pick<Release, 'identity'> & Partial<Pick<Release, 'directory'>>;

async function fill(dataDir: string, app: string, ref: ArtifactRef, signal?: AbortSignal): Promise<Filled> {
  switch (ref.kind) {
    case 'npm': {
      const folder = await installedPackage(dataDir, ref, signal);
      // What a published version holds never changes; what a process writes goes to its own working folder.
      await symlink(join(folder, 'node_modules'), join(app, 'node_modules'));
      return { identity: `${ref.name}@${ref.version}` };
    }
    case 'dir': {
      const kept = ref.sha256 === undefined ? undefined : await findKeptFolder(dataDir, ref.sha256);
      const sha256 = await copyFolder(kept ?? ref.path, app, signal ? { signal } : {});
      if (ref.sha256 !== undefined && ref.sha256 !== sha256) {
        throw new Error(`${ref.path} has digest sha256:${sha256}, not the sha256:${ref.sha256} that was asked for`);
      }
      return { identity: `sha256:${sha256}` };
    }
    case 'cmd':
      return { identity: ref.line, ...(await inFolder(ref.folder)) };
    case 'none':
      return { identity: 'command', ...(await inFolder(ref.folder)) };
  }
}

async function inFolder(folder: string | undefined): Promise<Pick<Filled, 'directory'>> {
  if (folder === undefined) return {};
  if ((await stat(folder).catch(() => undefined))?.isDirectory()) return { directory: folder };
  throw new Error(`${folder}, the folder that the command is to run in, is not there`);
}

/** What the artifact itself says is to be run; empty where it says nothing. */
async function ownCommand(app: string, ref: ArtifactRef): Promise<string[]> {
  switch (ref.kind) {
    case 'npm':
      return packageCommand(app, ref);
    case 'cmd':
      // Further arguments are handed to the line's last command, as a shell function would.
      return ['/bin/sh', '-c', `${ref.line} "$@"`, 'sh'];
    case 'dir':
    case 'none':
      return [];
  }
}

/** The program that is asked for, else the one of the package's name, else its only one. */
async function packageCommand(app: string, ref: Extract<ArtifactRef, { kind: 'npm' }>): Promise<string[]> {
  const { name, version } = ref;
  const program: string = ref.program ?? name.replace(/^@[^/]*\//, '');
  const bins = new Map(Object.entries(await packageBins(app, name)));
  const only = bins.size === 1 && ref.program === undefined ? [...bins.values()][0] : undefined;
  const path = bins.get(program) ?? only;
  if (path !== undefined) return [`./${path}`];
  if (bins.size === 0 && ref.program === undefined) return [];
  const artifact = `npm:${name}@${version}`;
  const programs = [...bins.keys()].sort();
  if (programs.length === 0) throw new Error(`${artifact} has no programs, and none called ${program}`);
  const which = ref.program === undefined ? 'more than one program' : `no program called ${program}`;
  throw new Error(`${artifact} has ${which}; use ${programs.map((each) => `${artifact}#${each}`).join(' or ')}`);
}
