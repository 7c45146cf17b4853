import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isExecutable } from './host/executable.ts';

export type NativeTool = 'temporal' | 'pulumi';

const ROOT = join(import.meta.dirname, '..');
const OVERRIDES: Record<NativeTool, string> = { temporal: 'SUPPLANT_TEMPORAL', pulumi: 'SUPPLANT_PULUMI' };

/** A native tool is needed and nobody set it up. */
export class NativeToolMissing extends Error {
  override name = 'NativeToolMissing';
}

/**
 * The path of a native tool: the executable that `SUPPLANT_TEMPORAL` or `SUPPLANT_PULUMI` names, or else the one that
 * the set-up found or made and noted down.
 *
 * @throws NativeToolMissing when there is none, with the command to type
 */
export function findNativeTool(name: NativeTool, { root = ROOT, env = process.env } = {}): string {
  const override = OVERRIDES[name];
  const chosen = env[override];
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new NativeToolMissing(`${override} names ${chosen}, which is not an executable file`);
  }
  const noted = notedPath(name, toolHome(root, env));
  if (noted !== undefined && isExecutable(noted)) return noted;
  throw new NativeToolMissing(
    `the ${name} command line tool is not set up${noted === undefined ? '' : ` (${noted} is gone)`}; ` +
      `run: npm run setup (or set ${override} to an executable)`,
  );
}

/**
 * Sees to it that an installed package has its native tools, at the versions it pins: found on this machine, downloaded
 * and verified, or built. Tells on standard error what it does, and is silent where there is nothing to do. A checkout's
 * own set-up does this before anything runs.
 * @throws NativeToolMissing when they cannot be had; why is on standard error
 */
export async function obtainNativeTools(root = ROOT): Promise<void> {
  if (!isInstalled(root)) return;
  const setUp = spawn(process.execPath, [join(root, 'tools/setup/main.mjs'), '--quiet'], {
    stdio: ['ignore', 2, 2],
  });
  const [code] = (await once(setUp, 'exit')) as [number | null];
  if (code !== 0) throw new NativeToolMissing('the native tools that Supplant needs could not be had; see above');
}

/** Where `tools/setup/home.mjs` has the set-up keep the tools. */
function toolHome(root: string, env: NodeJS.ProcessEnv): string {
  if (!isInstalled(root)) return join(root, '.tools');
  const { XDG_CACHE_HOME: named = '' } = env;
  return join(named === '' ? join(homedir(), '.cache') : named, 'supplant', 'tools');
}

/** Whether npm put the package where it is. */
function isInstalled(root: string): boolean {
  return basename(dirname(root)) === 'node_modules';
}

function notedPath(name: NativeTool, home: string): string | undefined {
  try {
    const notes = JSON.parse(readFileSync(join(home, 'tools.json'), 'utf8')) as Partial<
      Record<NativeTool, { path: string }>
    >;
    return notes[name]?.path;
  } catch {
    return undefined;
  }
}
