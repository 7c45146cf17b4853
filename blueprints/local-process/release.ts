import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeDurably } from '../../src/host/durable-file.ts';
import { type ArtifactRef, parseArtifact } from './artifact.ts';
import { folderDigest } from './folder-digest.ts';
import { copyFolder, findKeptFolder } from './folder-store.ts';
import { appDir, artifactPath, trashDir } from './layout.ts';
import { installedPackage, packageBins } from './npm.ts';

/** An artifact put in a revision's folder. */
export interface Release {
  /** As written in the service. */
  source: string;
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
  const filled = await fill(dataDir, appDir(revision), parsed.ref, signal);
  const runs = command.length > 0 ? [...command] : filled.command;
  if (runs.length === 0) {
    throw new Error(`${source} has no program of its own to run; name one in blueprint.config.command`);
  }
  const release = { source, directory: appDir(revision), identity: filled.identity, command: runs };
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

/** `command` is the artifact's own, empty when it has none. */
type Filled = Pick<Release, 'command' | 'identity'>;

async function fill(dataDir: string, app: string, ref: ArtifactRef, signal?: AbortSignal): Promise<Filled> {
  switch (ref.kind) {
    case 'npm': {
      const folder = await installedPackage(dataDir, ref, signal);
      // What a published version holds never changes; what a process writes goes to its own working folder.
      await symlink(join(folder, 'node_modules'), join(app, 'node_modules'));
      return { command: await packageCommand(app, ref.name), identity: `${ref.name}@${ref.version}` };
    }
    case 'dir': {
      const kept = ref.sha256 === undefined ? undefined : await findKeptFolder(dataDir, ref.sha256);
      await copyFolder(kept ?? ref.path, app);
      const sha256 = await folderDigest(app);
      if (ref.sha256 !== undefined && ref.sha256 !== sha256) {
        throw new Error(`${ref.path} has digest sha256:${sha256}, not the sha256:${ref.sha256} that was asked for`);
      }
      return { command: [], identity: `sha256:${sha256}` };
    }
    case 'cmd':
      // Further arguments are handed to the line's last command, as a shell function would.
      return { command: ['/bin/sh', '-c', `${ref.line} "$@"`, 'sh'], identity: ref.line };
    case 'none':
      return { command: [], identity: 'command' };
  }
}

/** The package's program of the package's name, or its only one. */
async function packageCommand(app: string, name: string): Promise<string[]> {
  const bins = await packageBins(app, name);
  const only = Object.keys(bins).length === 1 ? Object.values(bins)[0] : undefined;
  const path = bins[name.replace(/^@[^/]*\//, '')] ?? only;
  return path === undefined ? [] : [`./${path}`];
}
