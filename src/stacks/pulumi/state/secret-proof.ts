import { readFile } from 'node:fs/promises';
import { makeDurably } from '../../../host/durable-file.ts';

/**
 * Where what proves the secret right is kept: a salted hash of the passphrase, because the engine would take any for a stack that
 * has no secrets yet; or a cloud's key, encrypted.
 */
export interface SecretProof {
  readProof(): Promise<string | undefined>;
  /** Keeps it, unless one is kept already; returns what is. */
  addProof(proof: string): Promise<string>;
}

/** How that of a cloud's key begins; others are of a passphrase. */
export const KEY_MARK = 'provider ';

/** Beside the passphrase. */
export class FileProof implements SecretProof {
  readonly #path: string;

  constructor(passphraseFile: string) {
    this.#path = `${passphraseFile}.proof`;
  }

  readProof(): Promise<string | undefined> {
    return readFileOrNothing(this.#path);
  }

  async addProof(proof: string): Promise<string> {
    await makeDurably(this.#path, proof);
    return (await this.readProof()) ?? proof;
  }
}

/** What a file holds; undefined where there is none. */
export async function readFileOrNothing(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
