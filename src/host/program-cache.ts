import { accessSync, constants, mkdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/**
 * A folder for what is made from the program's own files and is the same in every data folder: beside its packages, as
 * tools keep their caches. Undefined where this user may not write there, as in an installation of somebody else's.
 */
export function findProgramCache(name: string): string | undefined {
  const folder = cacheFolder(name);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return folder;
  } catch {
    return undefined;
  }
}

function cacheFolder(name: string): string {
  return join(ROOT, 'node_modules/.cache/supplant', name);
}

/** Node's own setting for where it keeps compiled code, https://nodejs.org/api/module.html#module-compile-cache. */
const SETTING = 'NODE_COMPILE_CACHE';
const COMPILED = 'compiled';

/** Environment of a process that runs a part of this program: it starts in half the time. A setting of the user's stays. */
export function createCompileCacheSetting(env: NodeJS.ProcessEnv): Record<string, string> {
  const folder = env[SETTING] === undefined ? findProgramCache(COMPILED) : undefined;
  return folder === undefined ? {} : { [SETTING]: folder };
}

/** What a part starts need not be ours: it keeps nothing in our folder. */
export function removeCompileCacheSetting(env: NodeJS.ProcessEnv): void {
  if (env[SETTING] === cacheFolder(COMPILED)) Reflect.deleteProperty(env, SETTING);
}

/** Keeps what this process has compiled so far: Node does so only when a process ends in good order, which parts need not. */
export function keepCompiledCode(): void {
  flushCompileCache();
}
