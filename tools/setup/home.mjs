import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/**
 * Where the native tools and the notes about them are kept: `.tools` in a checkout. An installed package keeps them in
 * the user's cache folder, since npm empties the package's own folder with every update. `src/native-tools.ts` looks in
 * the same place.
 * @param {string} root of the checkout or package
 * @param {NodeJS.ProcessEnv} env
 */
export function toolHome(root, env = process.env) {
  if (!isInstalled(root)) return join(root, '.tools');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'supplant', 'tools');
}

/**
 * Whether npm put it where it is.
 * @param {string} root
 */
export const isInstalled = (root) => basename(dirname(root)) === 'node_modules';
