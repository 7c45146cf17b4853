import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface EngineFolders {
  home: string;
  state: string;
}

/**
 * What the engine is told. Settings of the caller's own Pulumi are left out: they would point it at another backend or
 * another secret.
 */
export function engineEnvironment(
  folders: EngineFolders,
  passphraseFile: string,
  providers: Record<string, number>,
): Record<string, string> {
  return {
    PULUMI_HOME: folders.home,
    PULUMI_BACKEND_URL: `file://${folders.state}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
    // Without it, each fresh working folder would encrypt the state anew, under a wrong passphrase too.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
    PULUMI_AUTOMATION_API: 'true',
    PULUMI_DEBUG_PROVIDERS: Object.entries(providers)
      .map(([name, port]) => `${name}:${port}`)
      .join(','),
    // An engine lives for a second: collecting its garbage costs a fifth of that and saves nothing below the limit.
    GOGC: 'off',
    GOMEMLIMIT: '256MiB',
  };
}

/** The caller's environment without its Pulumi settings, for credentials and proxies that providers need. */
export function inheritedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('PULUMI_'),
  );
  return Object.fromEntries(entries);
}

/** Generates the secret that encrypts state, once; several workers starting at the same time end up with the same. */
export async function ensurePassphrase(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(temporary, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
  try {
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await readFile(path, 'utf8')).trim() === '') {
      throw new Error(`the passphrase file ${path} is empty; put back the one that the state was encrypted with`);
    }
  } finally {
    await rm(temporary, { force: true });
  }
}
