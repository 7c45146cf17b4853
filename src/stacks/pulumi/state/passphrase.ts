import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { makeDurably } from '../../../host/durable-file.ts';
import { FileProof, KEY_MARK, type SecretProof, readFileOrNothing } from './secret-proof.ts';

const HASH_BYTES = 32;
const hashed = promisify<string, Buffer, number, Buffer>(scrypt);

/**
 * Generates the secret that encrypts state, once; several workers starting at the same time end up with the same.
 * @param proofs where the state is, so that every machine that uses the state finds the same
 * @throws Error fit to show when the passphrase was replaced or lost, or is another machine's; nothing has been written then
 */
export async function ensurePassphrase(path: string, proofs: SecretProof = new FileProof(path)): Promise<void> {
  const proof = await proofs.readProof();
  if (proof?.startsWith(KEY_MARK)) {
    throw new Error(
      'the state is encrypted by a secrets provider: name it in SUPPLANT_SECRETS_PROVIDER, or begin with another state',
    );
  }
  if (proof === undefined) await makeDurably(path, `${randomBytes(32).toString('base64url')}\n`);
  const passphrase = (await readFileOrNothing(path))?.trim() ?? '';
  if (passphrase === '') throw new Error(describeWrong(path, 'is missing or empty'));
  const kept = proof ?? (await proofs.addProof(await makeProof(passphrase)));
  if (!(await proves(kept, passphrase))) {
    throw new Error(describeWrong(path, 'is not the one that the state was encrypted with'));
  }
}

function describeWrong(path: string, what: string): string {
  return (
    `the passphrase file ${path} ${what}; put the first one back, of which every machine that shares the state has to have ` +
    'a copy (SUPPLANT_PASSPHRASE_FILE names it), or begin with another data folder and another state'
  );
}

async function makeProof(passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await hashed(passphrase, salt, HASH_BYTES);
  return `scrypt ${salt.toString('base64url')} ${hash.toString('base64url')}\n`;
}

async function proves(proof: string, passphrase: string): Promise<boolean> {
  const [, salt = '', hash = ''] = proof.trim().split(' ');
  const kept = Buffer.from(hash, 'base64url');
  const given = await hashed(passphrase, Buffer.from(salt, 'base64url'), HASH_BYTES);
  return kept.length === HASH_BYTES && timingSafeEqual(kept, given);
}
