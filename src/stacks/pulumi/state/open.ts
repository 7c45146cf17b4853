import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type EngineSurroundings, buildEngineEnvironment } from '../runner/environment.ts';
import type { EngineCli } from './engine-cli.ts';
import { FileStateStore } from './file-state-store.ts';
import type { SecretProof } from './secret-proof.ts';
import type { StateStore } from './state-store.ts';

export interface OpenedState {
  store: StateStore;
  /** Where it keeps what proves its secret; beside the secret itself unless told. */
  proof?: SecretProof;
}

/** What the state is opened with: some of it can only be reached by the engine. */
export interface StateSurroundings extends EngineSurroundings {
  pulumiPath: string;
}

/**
 * Opens the state at a place, and makes what it takes where that is missing.
 * @throws EngineError fit to show when it cannot be used
 */
export async function openState(surroundings: StateSurroundings): Promise<OpenedState> {
  const { state, cloudKey } = surroundings;
  if (state.kind === 'folder') {
    await mkdir(state.path, { recursive: true });
    return { store: new FileStateStore(state.path, cloudKey) };
  }
  // Loaded for those who need it: a runner's start is what each operation waits for.
  if (state.kind === 'postgres') {
    const { PostgresStateStore } = await import('./postgres-state-store.ts');
    const store = await PostgresStateStore.open(state.url, cloudKey);
    return { store, proof: store };
  }
  const { CliStateStore } = await import('./cli-state-store.ts');
  const store = new CliStateStore(await openEngineCli(surroundings), state.url, cloudKey);
  return { store, proof: store };
}

/** The engine's command line, as it is told of these. */
export async function openEngineCli(surroundings: StateSurroundings): Promise<EngineCli> {
  const { EngineCli } = await import('./engine-cli.ts');
  const env = buildEngineEnvironment(surroundings, { providers: {}, startsPlugins: false });
  return new EngineCli(surroundings.pulumiPath, env, join(surroundings.home, 'commands'));
}
