import { realpath, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Blueprint, BlueprintHost, ExactArtifact, Fault, LookRequest } from '../../src/stacks/blueprint.ts';
import { computeSourceDigest } from '../../src/stacks/source-digest.ts';
import { readListenAddress } from './address.ts';
import { type ArtifactRef, parseArtifact } from './artifact.ts';
import { FolderCopies } from './folder-copies.ts';
import { FolderFaults } from './folder-entries.ts';
import { findKeptFolder, removeUnfinishedCopies } from './folder-store.ts';
import { inventory, sweep } from './inventory.ts';
import { emptyTrash } from './release.ts';
import { inspectProcesses } from './status.ts';
import { startSupervisor } from './supervisor.ts';

/**
 * Turns a revision into processes on this host. They outlive the runner that starts them, and the worker, whose
 * supervisor revives those that die.
 */
export async function createBlueprint(host: BlueprintHost): Promise<Blueprint> {
  const { dataDir } = host;
  // What is wrong with it is told when a worker starts, not when the first process does.
  readListenAddress();
  if (host.supervise) await Promise.all([emptyTrash(dataDir), removeUnfinishedCopies(dataDir)]);
  const copies = new FolderCopies(dataDir);
  const supervisor = host.supervise ? startSupervisor({ dataDir, log: host.log }) : undefined;
  return {
    name: 'local-process',
    digest: await computeSourceDigest(import.meta.dirname),
    plugins: [],
    reach: 'machine',
    config: async () => (await import('./config.ts')).configSchema,
    check: async (artifact, config) => check(dataDir, artifact, config),
    exact: async (artifact, look) => exact(copies, artifact, look),
    async serve(engine) {
      const { serve } = await import('./serve.ts');
      return serve({ dataDir, ...engine });
    },
    // One page: what runs here is read all at once in any case.
    async *inventory(stack) {
      yield await inventory(dataDir, stack);
    },
    inspect: async (stack) => inspectProcesses(dataDir, stack),
    sweep: async (stack) => sweep(dataDir, stack),
    async close() {
      await Promise.all([copies.close(), supervisor?.stop()]);
    },
  };
}

async function check(dataDir: string, artifact: string, raw: JsonObject): Promise<Fault[]> {
  const parsed = parseArtifact(artifact);
  if ('fault' in parsed) return [{ path: 'artifact', message: parsed.fault }];
  const command = commandFault(parsed.ref, raw);
  const folder = await folderFault(dataDir, parsed.ref);
  return [
    ...(folder === undefined ? [] : [{ path: 'artifact', message: folder }]),
    ...(command === undefined ? [] : [{ path: 'blueprint.config.command', message: command }]),
  ];
}

function commandFault(ref: ArtifactRef, { command }: JsonObject): string | undefined {
  if (command === undefined) {
    return ref.kind === 'dir' || ref.kind === 'none' ? 'is needed with this artifact: the program to run' : undefined;
  }
  return ref.kind === 'npm' && ref.program !== undefined
    ? `says what to run, and so does the artifact with #${ref.program}; leave one of them out`
    : undefined;
}

/** A folder changes; what it holds now does not, once it is kept. */
async function exact(copies: FolderCopies, artifact: string, look: LookRequest): Promise<ExactArtifact> {
  const parsed = parseArtifact(artifact);
  if ('fault' in parsed || parsed.ref.kind !== 'dir' || parsed.ref.sha256 !== undefined) return { artifact };
  const { path } = parsed.ref;
  try {
    return { artifact: `dir:${path}#sha256:${await copies.keep(path, look)}` };
  } catch (error) {
    if (!(error instanceof FolderFaults)) throw error;
    return { faults: error.faults.map((message) => ({ path: 'artifact', message })) };
  }
}

async function folderFault(dataDir: string, ref: ArtifactRef): Promise<string | undefined> {
  if (ref.kind === 'npm') return undefined;
  if (ref.kind !== 'dir') {
    if (ref.folder === undefined || (await isFolder(ref.folder))) return undefined;
    return `${ref.folder}, the folder that the command is to run in, is not a folder on the worker's host; name one that is, with #dir:FOLDER at the end`;
  }
  const { path, sha256 } = ref;
  if (sha256 !== undefined && (await findKeptFolder(dataDir, sha256)) !== undefined) return undefined;
  if (!(await isFolder(path))) return `${path} is not a folder on the worker's host, or its user cannot reach it`;
  // A copy of a folder that contains the copy would have no end.
  const way = relative(await realpath(path), await realpath(dataDir).catch(() => dataDir));
  return way === '..' || way.startsWith('../')
    ? undefined
    : `${path} holds Supplant's own data; use a folder beside it`;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
