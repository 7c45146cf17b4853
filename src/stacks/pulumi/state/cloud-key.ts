import { randomBytes } from 'node:crypto';
import { parse } from 'yaml';
import { type CloudKey, writeEmptyCheckpoint } from './checkpoint.ts';
import type { CliAnswer, EngineCli } from './engine-cli.ts';
import { KEY_MARK, type SecretProof } from './secret-proof.ts';

export interface UnlockedKey {
  key: CloudKey;
  /** A secret that whoever may use the key has, the same on every machine. */
  marks: string;
}

/** A stack in a folder that is gone afterwards: the engine keeps secrets of stacks only. */
const ID = { project: 'supplant', stack: 'key' };
const SETTINGS = `Pulumi.${ID.stack}.yaml`;
const CONFIG = `${ID.project}:marks`;
const FOLDER = {
  project: ID.project,
  reads: SETTINGS,
  env: { PULUMI_BACKEND_URL: 'file://.' },
};
const BACKEND = {
  '.pulumi/meta.yaml': 'version: 1\n',
  [`.pulumi/stacks/${ID.project}/${ID.stack}.json`]: writeEmptyCheckpoint(ID),
};

/**
 * Has the key service make a key for the state, once, and decrypt it at each start. What it made is kept with the state, as the
 * proof of a passphrase is: every machine finds the same key, and one that cannot have it decrypted ends before it writes.
 * @throws Error fit to show when the service refuses, or the state is encrypted otherwise
 */
export async function unlockCloudKey(cli: EngineCli, url: string, proofs: SecretProof): Promise<UnlockedKey> {
  const proof = (await proofs.readProof()) ?? (await proofs.addProof(await makeKey(cli, url)));
  const settings = proof.startsWith(KEY_MARK) ? decode(proof) : '{}';
  const { secretsprovider: owner, encryptedkey: encryptedKey = '' } = parse(settings) as KeySettings;
  if (owner !== url) {
    throw new Error(
      `the state is encrypted ${owner === undefined ? 'with a passphrase' : `by ${hideQuery(owner)}`}, not by ${hideQuery(url)}: ` +
        `set SUPPLANT_SECRETS_PROVIDER to ${owner ?? 'passphrase'}, or begin with another state`,
    );
  }
  const files = { ...BACKEND, [SETTINGS]: settings };
  const got = await cli.run(['config', 'get', CONFIG, '--stack', ID.stack], { ...FOLDER, files });
  if (!got.ok) throw refused(got, url, 'does not decrypt the key that the state is encrypted with');
  return { key: { url, encryptedKey }, marks: got.stdout.trim() };
}

/** As the engine writes them, of a stack. */
interface KeySettings {
  secretsprovider?: string;
  encryptedkey?: string;
}

function decode(proof: string): string {
  return Buffer.from(proof.slice(KEY_MARK.length), 'base64url').toString('utf8');
}

async function makeKey(cli: EngineCli, url: string): Promise<string> {
  const files = { ...BACKEND, [SETTINGS]: JSON.stringify({ secretsprovider: url }) };
  const input = randomBytes(32).toString('base64url');
  const made = await cli.run(['config', 'set', '--secret', CONFIG, '--stack', ID.stack], { ...FOLDER, files, input });
  if (!made.ok) throw refused(made, url, 'makes no key');
  return `${KEY_MARK}${Buffer.from(made.file).toString('base64url')}`;
}

function refused({ stderr }: CliAnswer, url: string, what: string): Error {
  return new Error(
    `the secrets provider ${hideQuery(url)} ${what}: ${stderr
      .trim()
      .replace(/^error: /, '')
      .slice(0, 1_000)}`,
  );
}

/** Parameters say how the service is reached, not which key it is. */
function hideQuery(url: string): string {
  return url.replace(/\?.*/, '');
}
