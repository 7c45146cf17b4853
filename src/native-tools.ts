import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
export function nativeTool(name: NativeTool, { root = ROOT, env = process.env } = {}): string {
  const override = OVERRIDES[name];
  const chosen = env[override];
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new NativeToolMissing(`${override} names ${chosen}, which is not an executable file`);
  }
  const noted = notedPath(name, root);
  if (noted !== undefined && isExecutable(noted)) return noted;
  throw new NativeToolMissing(
    `the ${name} command line tool is not set up${noted === undefined ? '' : ` (${noted} is gone)`}; ` +
      `run: npm run setup (or set ${override} to an executable)`,
  );
}

function notedPath(name: NativeTool, root: string): string | undefined {
  try {
    const notes = JSON.parse(readFileSync(join(root, '.tools', 'tools.json'), 'utf8')) as Partial<
      Record<NativeTool, { path: string }>
    >;
    return notes[name]?.path;
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
