import { mkdir } from 'node:fs/promises';
import { FileStateStore } from './file-state-store.ts';
import type { SecretProof } from './passphrase.ts';
import type { StatePlace } from './place.ts';
import type { StateStore } from './state-store.ts';

export interface OpenedState {
  store: StateStore;
  /** Where it keeps what proves its secret; beside the secret itself unless told. */
  proof?: SecretProof;
}

/**
 * Opens the state at a place, and makes what it takes where that is missing.
 * @throws EngineError fit to show when it cannot be used
 */
export async function openState(place: StatePlace): Promise<OpenedState> {
  if (place.kind === 'folder') {
    await mkdir(place.path, { recursive: true });
    return { store: new FileStateStore(place.path) };
  }
  // Loaded for those who need it: a runner's start is what each operation waits for.
  const { PostgresStateStore } = await import('./postgres-state-store.ts');
  const store = await PostgresStateStore.open(place.url);
  return { store, proof: store };
}
