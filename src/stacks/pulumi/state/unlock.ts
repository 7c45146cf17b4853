import { dirname, join } from 'node:path';
import { writeDurably } from '../../../host/durable-file.ts';
import type { CloudKey } from './checkpoint.ts';
import { FileStateStore } from './file-state-store.ts';
import { type StateSurroundings, openEngineCli, openState } from './open.ts';
import { ensurePassphrase } from './passphrase.ts';
import { FileProof, type SecretProof } from './secret-proof.ts';
import type { StateStore } from './state-store.ts';

/** The state, and what is known of its secret. */
interface UnlockedState {
  store: StateStore;
  passphraseFile: string;
  cloudKey?: CloudKey;
}

export interface LockedState extends StateSurroundings {
  /** The folder that the state would be in, were it nowhere else. */
  leftBehind: string;
}

/**
 * Opens the state once its secret is known to be right: the passphrase, or a cloud's key that is decrypted.
 * @throws Error fit to show when it is not, or the state of stacks is elsewhere; nothing has been written then
 */
export async function unlockState(
  state: LockedState,
  { secretsProvider }: { secretsProvider?: string },
): Promise<UnlockedState> {
  const { passphraseFile } = state;
  await refuseLeftState(state);
  const { store, proof } = await openState(state);
  try {
    if (secretsProvider === undefined) {
      await ensurePassphrase(passphraseFile, proof);
      return { store, passphraseFile };
    }
    const keyed = await unlockKey(state, secretsProvider, proof);
    const { store: keyedStore } = await openState({ ...state, ...keyed });
    await store.close();
    return { store: keyedStore, ...keyed };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A file of the passphrase's kind is needed all the same, for what is told apart by marks. */
async function unlockKey(
  state: LockedState,
  url: string,
  proof: SecretProof = new FileProof(state.passphraseFile),
): Promise<{ cloudKey: CloudKey; passphraseFile: string }> {
  // Loaded for those who need it.
  const { unlockCloudKey } = await import('./cloud-key.ts');
  const { key, marks } = await unlockCloudKey(await openEngineCli(state), url, proof);
  const passphraseFile = join(dirname(state.passphraseFile), 'marks');
  await writeDurably(passphraseFile, marks);
  return { cloudKey: key, passphraseFile };
}

/**
 * A data folder that was there before the state was elsewhere: nothing would look after its stacks any more.
 * @throws Error fit to show
 */
async function refuseLeftState({ state, leftBehind }: LockedState): Promise<void> {
  if (state.kind === 'folder') return;
  const left = await new FileStateStore(leftBehind).list();
  if (left.length === 0) return;
  throw new Error(
    `the folder ${leftBehind} holds the state of stacks (${left.length}, ${left[0]?.stack} among them), which would be lost sight ` +
      `of with the state elsewhere; keep it there with SUPPLANT_STATE=${leftBehind} until all of them are removed`,
  );
}
