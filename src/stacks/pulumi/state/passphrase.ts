import { randomBytes, randomUUID, scrypt, timingSafeEqual } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const HASH_BYTES = 32;
const hashed = promisify<string, Buffer, number, Buffer>(scrypt);

/**
 * Generates the secret that encrypts state, once; several workers starting at the same time end up with the same. What
 * proves a passphrase right is kept beside it as a salted hash, because the engine would take any passphrase for a stack
 * that has no secrets yet.
 * @throws Error fit to show when the passphrase was replaced or lost; nothing has been written then
 */
export async function ensurePassphrase(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const proofPath = `${path}.proof`;
  const proof = await readOrNothing(proofPath);
  if (proof === undefined) await createOnce(path, `${randomBytes(32).toString('base64url')}\n`);
  const passphrase = (await readOrNothing(path))?.trim() ?? '';
  if (passphrase === '') throw new Error(wrong(path, 'is missing or empty'));
  if (proof === undefined) await createOnce(proofPath, await makeProof(passphrase));
  const kept = proof ?? (await readFile(proofPath, 'utf8'));
  if (!(await proves(kept, passphrase)))
    throw new Error(wrong(path, 'is not the one that the state was encrypted with'));
}

function wrong(path: string, what: string): string {
  return `the passphrase file ${path} ${what}; put the first one back, or begin with another data folder`;
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

/** Whole or not at all, and only where there is nothing yet. */
async function createOnce(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, content, { mode: 0o600, flush: true });
  try {
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readOrNothing(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
