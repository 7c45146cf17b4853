import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, rename, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';

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

/**
 * The CLI as the Automation API wants it, which is at `bin/pulumi` below some root: a link there leads to the real one.
 * @throws Error fit to show when it cannot be run
 */
export async function installedEngine(home: string, pulumiPath: string): Promise<PulumiCommand> {
  const path = resolve(pulumiPath);
  await access(path, constants.X_OK).catch(() => {
    throw new Error(`the Pulumi CLI is not at ${path}; npm run setup puts it there`);
  });
  const link = join(home, 'bin', 'pulumi');
  await mkdir(join(home, 'bin'), { recursive: true });
  const fresh = `${link}.${randomUUID()}`;
  await symlink(path, fresh);
  await rename(fresh, link);
  return PulumiCommand.get({ root: home });
}
