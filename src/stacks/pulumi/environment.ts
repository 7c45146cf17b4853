import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

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
    ...inheritedEnvironment(),
    PULUMI_HOME: folders.home,
    PULUMI_BACKEND_URL: `file://${folders.state}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
    // Without it, each fresh working folder would encrypt the state anew, under a wrong passphrase too.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
    PULUMI_AUTOMATION_API: 'true',
    // Makes --event-log an option.
    PULUMI_DEBUG_COMMANDS: 'true',
    PULUMI_DEBUG_PROVIDERS: Object.entries(providers)
      .map(([name, port]) => `${name}:${port}`)
      .join(','),
    // An engine lives for a second: collecting its garbage costs a fifth of that and saves nothing below the limit.
    GOGC: 'off',
    GOMEMLIMIT: '256MiB',
  };
}

/** The caller's environment without its Pulumi settings, for credentials and proxies that providers need. */
function inheritedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('PULUMI_'),
  );
  return Object.fromEntries(entries);
}

/** @throws Error fit to show when the CLI cannot be run */
export async function checkEngine(pulumiPath: string): Promise<void> {
  try {
    await promisify(execFile)(pulumiPath, ['version'], {
      env: { ...inheritedEnvironment(), PULUMI_SKIP_UPDATE_CHECK: 'true' },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the Pulumi CLI cannot be run: ${reason}; npm run setup puts it in place`, { cause: error });
  }
}
