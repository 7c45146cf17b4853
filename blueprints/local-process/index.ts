import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Blueprint, BlueprintHost, Fault } from '../../src/stacks/blueprint.ts';
import { sourceDigest } from '../../src/stacks/source-digest.ts';
import { parseArtifact } from './artifact.ts';
import { readConfig } from './config.ts';
import { findKeptFolder, keepFolder } from './folder-store.ts';
import { inventory, sweep } from './inventory.ts';
import { emptyTrash } from './release.ts';
import { startSupervisor } from './supervisor.ts';

/**
 * Turns a revision into processes on this host. They outlive the runner that starts them, and the worker, whose
 * supervisor revives those that die.
 */
export async function createBlueprint(host: BlueprintHost): Promise<Blueprint> {
  const { dataDir } = host;
  if (host.supervise) await emptyTrash(dataDir);
  const supervisor = host.supervise ? startSupervisor({ dataDir, log: host.log }) : undefined;
  return {
    name: 'local-process',
    digest: await sourceDigest(import.meta.dirname),
    check: async (artifact, config) => check(dataDir, artifact, config),
    exact: async (artifact) => exact(dataDir, artifact),
    async serve(engine) {
      const { serve } = await import('./serve.ts');
      return serve({ dataDir, ...engine });
    },
    inventory: async (stack) => inventory(dataDir, stack),
    sweep: async (stack) => sweep(dataDir, stack),
    async close() {
      await supervisor?.stop();
    },
  };
}

async function check(dataDir: string, artifact: string, raw: JsonObject): Promise<Fault[]> {
  const { faults } = readConfig(raw);
  const parsed = parseArtifact(artifact);
  if ('fault' in parsed) return [{ path: 'artifact', message: parsed.fault }, ...faults];
  if (parsed.ref.kind !== 'npm' && parsed.ref.kind !== 'cmd' && raw.command === undefined) {
    faults.unshift({ path: 'blueprint.config.command', message: 'is needed with this artifact: the program to run' });
  }
  if (parsed.ref.kind !== 'dir') return faults;
  const { path, sha256 } = parsed.ref;
  if (sha256 !== undefined && (await findKeptFolder(dataDir, sha256)) !== undefined) return faults;
  const fault = await folderFault(dataDir, path);
  return fault === undefined ? faults : [{ path: 'artifact', message: fault }, ...faults];
}

/** A folder changes; what it holds now does not, once it is kept. */
async function exact(dataDir: string, artifact: string): Promise<string> {
  const parsed = parseArtifact(artifact);
  if ('fault' in parsed || parsed.ref.kind !== 'dir' || parsed.ref.sha256 !== undefined) return artifact;
  return `dir:${parsed.ref.path}#sha256:${await keepFolder(dataDir, parsed.ref.path)}`;
}

async function folderFault(dataDir: string, folder: string): Promise<string | undefined> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) return `${folder} is not a folder on this host`;
  // A copy of a folder that contains the copy would have no end.
  const way = relative(folder, dataDir);
  return way === '' || !way.startsWith('..')
    ? `${folder} holds Supplant's own data; use a folder beside it`
    : undefined;
}
