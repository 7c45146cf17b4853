import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { JsonObject } from '../../../domain/json.ts';
import { type StatePlace, toBackendUrl } from '../state/place.ts';
import type { CloudKey } from '../state/checkpoint.ts';
import { findSecretReferences, parseSecretReference } from '../../../domain/secrets/reference.ts';

/** What an engine works with, whatever it is to do. */
export interface EngineSurroundings {
  /** Its own folder. */
  home: string;
  state: StatePlace;
  passphraseFile: string;
  /** What encrypts the secrets in the state instead of a passphrase. */
  cloudKey?: CloudKey | undefined;
}

export interface EngineProviders {
  /** Ports of those that are served already, by package. */
  providers: Record<string, number>;
  /**
   * Whether the engine may start plugins: they inherit its environment, live for longer, and some need more memory than
   * an engine has any use for.
   */
  startsPlugins: boolean;
  /** Of the stack's blueprint: variables that it refers to as secrets are not the engine's, nor its plugins'. */
  config?: JsonObject;
  /** The operation's; by it the state knows an engine that has lost its stack. */
  token?: number | undefined;
}

/**
 * What the engine is told. Settings of the caller's own Pulumi are left out: they would point it at another backend or
 * another secret.
 */
export function buildEngineEnvironment(
  { home, state, passphraseFile, cloudKey }: EngineSurroundings,
  { providers, startsPlugins, config = {}, token }: EngineProviders,
): Record<string, string> {
  return {
    ...inheritedEnvironment(listSecretVariables(config)),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: toBackendUrl(state, token),
    ...(cloudKey ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile }),
    // Without it, each fresh working folder would encrypt the state anew, under a wrong passphrase too.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    // One on the PATH would be taken whatever its version.
    PULUMI_IGNORE_AMBIENT_PLUGINS: 'true',
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
    PULUMI_AUTOMATION_API: 'true',
    // Makes --event-log an option.
    PULUMI_DEBUG_COMMANDS: 'true',
    PULUMI_DEBUG_PROVIDERS: Object.entries(providers)
      .map(([name, port]) => `${name}:${port}`)
      .join(','),
    ...(startsPlugins ? {} : BRIEF_LIFE),
  };
}

/** An engine lives for a second: collecting its garbage costs a fifth of that and saves nothing below the limit. */
const BRIEF_LIFE = { GOGC: 'off', GOMEMLIMIT: '256MiB' };

/**
 * The caller's environment, for credentials and proxies that providers need. Without its Pulumi settings, and without what
 * Supplant itself is told, which may hold a password.
 */
function inheritedEnvironment(without: readonly string[] = []): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(?:PULUMI|SUPPLANT)_/.test(entry[0]) && !without.includes(entry[0]),
  );
  return Object.fromEntries(entries);
}

function listSecretVariables(config: JsonObject): string[] {
  const references = findSecretReferences(config).map(({ reference }) => parseSecretReference(reference));
  return references.flatMap((parsed) => (parsed?.source === 'env' ? [parsed.name] : []));
}

/** What CLIs have said of themselves, by the file that each was: a start costs a fifth of a second of a processor. */
const versions = new Map<string, string>();

/**
 * The CLI's version, in its own words. A file that has said it in this process is not asked again.
 * @throws Error fit to show when the CLI cannot be run
 */
export async function checkEngine(pulumiPath: string): Promise<string> {
  const file = await identifyFile(pulumiPath);
  const known = file === undefined ? undefined : versions.get(file);
  if (known !== undefined) return known;
  try {
    const { stdout } = await promisify(execFile)(pulumiPath, ['version'], {
      env: { ...inheritedEnvironment(), PULUMI_SKIP_UPDATE_CHECK: 'true' },
    });
    const version = stdout.trim();
    if (file !== undefined) versions.set(file, version);
    return version;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the Pulumi CLI cannot be run: ${reason}; npm run setup puts it in place`, { cause: error });
  }
}

/** Other content under the same path is another file. Undefined where there is none. */
async function identifyFile(path: string): Promise<string | undefined> {
  return stat(path).then(
    ({ ino, size, mtimeMs }) => [path, ino, size, mtimeMs].join(' '),
    () => undefined,
  );
}
