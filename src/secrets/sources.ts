import type { SecretSourceName } from '../domain/secrets/reference.ts';
import { loadOptional } from '../host/missing-package.ts';
import type { SecretSource } from './source.ts';

/** What reads each source. Imported when it is first needed: most installations have no client of AWS. */
const SOURCES: Record<SecretSourceName, () => Promise<SecretSource>> = {
  env: async () => (await import('./sources/environment.ts')).environment,
  file: async () => (await import('./sources/file.ts')).file,
  'aws-secrets-manager': async () => (await import('./sources/aws-secrets-manager.ts')).awsSecretsManager,
  'aws-ssm': async () => (await import('./sources/aws-ssm.ts')).awsSsm,
};

/** @throws Error fit to show, with the package to install, where a client is not there */
export async function openSource(name: SecretSourceName): Promise<SecretSource> {
  return loadOptional(SOURCES[name]);
}
