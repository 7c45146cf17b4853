import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isInstalled, toolHome } from './home.mjs';

/**
 * What the last set-up left, so that the next one can see in a few milliseconds that there is nothing to do.
 * The dependencies' stamp lies in node_modules and goes with it; the tools' stamp is also where Supplant looks them up.
 *
 * @typedef {object} FoundTool
 * @property {string} path
 * @property {string} version
 * @property {string} source where it came from, in words
 */

/** @param {string} root */
export const commandLink = (root) => join(root, 'node_modules', '.bin', 'supplant');
/** @param {string} root */
export const dependencyStamp = (root) => join(root, 'node_modules', '.supplant-setup.json');
/** @param {string} root */
const toolStamp = (root) => join(toolHome(root), 'tools.json');

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./tools.mjs').Tool[]} tools
 */
export function isUpToDate(root, env, tools) {
  return hasDependencies(root) && tools.every((tool) => toolIsStamped(root, env, tool));
}

/**
 * npm installs a package together with its dependencies.
 * @param {string} root
 */
export const hasDependencies = (root) => isInstalled(root) || dependenciesAreStamped(root);

/** @param {string} root */
function dependenciesAreStamped(root) {
  const stamp = readJson(dependencyStamp(root));
  return stamp !== undefined && stamp.lock === lockDigest(root) && existsSync(commandLink(root));
}

/** @param {string} root */
export function stampDependencies(root) {
  writeJson(dependencyStamp(root), { lock: lockDigest(root) });
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./tools.mjs').Tool} tool
 */
export function toolIsStamped(root, env, tool) {
  const chosen = env[tool.override];
  if (chosen) return isExecutable(chosen);
  const entry = readJson(toolStamp(root))?.[tool.name];
  return entry !== undefined && entry.pinned === tool.version && entry.file === fileIdentity(entry.path);
}

/**
 * @param {string} root
 * @param {import('./tools.mjs').Tool} tool
 * @param {FoundTool} found
 */
export function stampTool(root, tool, found) {
  const entry = { ...found, pinned: tool.version, file: fileIdentity(found.path) };
  writeJson(toolStamp(root), { ...readJson(toolStamp(root)), [tool.name]: entry });
}

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** @param {string} root */
function lockDigest(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).digest('hex');
}

/**
 * Changes whenever the executable is replaced, so that an upgrade on PATH is looked at again.
 * @param {string} path
 */
function fileIdentity(path) {
  if (!isExecutable(path)) return undefined;
  const { size, mtimeMs } = statSync(path);
  return `${size} bytes, ${new Date(mtimeMs).toISOString()}`;
}

/** @param {string} path */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} path
 * @param {unknown} value
 */
function writeJson(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(aside, path);
}
