import { delimiter, join } from 'node:path';
import { toolHome } from './home.mjs';
import { run } from './run.mjs';
import { isExecutable } from './stamp.mjs';
import { isAccepted } from './versions.mjs';

const VERSION_TIMEOUT_MS = 10_000;

/**
 * Looks for a tool that is already on this machine: the one the user names, then PATH, then the project's own.
 * @param {string} root
 * @param {import('./tools.mjs').Tool} tool
 * @param {string[]} reasons gets one line for each candidate that was refused
 * @returns {Promise<import('./stamp.mjs').FoundTool | undefined>}
 */
export async function findInstalled(root, tool, reasons) {
  for (const { path, source } of candidates(root, tool)) {
    if (!isExecutable(path)) continue;
    const version = await versionOf(tool, path);
    if (version && isAccepted(version, tool)) return { path, version, source };
    reasons.push(`${path} is ${version ? `version ${version}` : 'not a release that tells its version'}`);
  }
  if (reasons.length === 0) reasons.push(`no ${tool.name} on PATH`);
  return undefined;
}

/**
 * @param {string} root
 * @param {import('./tools.mjs').Tool} tool
 */
function candidates(root, tool) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  return [
    ...[...new Set(folders)].map((folder) => ({ path: join(folder, tool.name), source: 'found on PATH' })),
    { path: ownTool(root, tool), source: 'set up before' },
  ];
}

/**
 * @param {string} root
 * @param {import('./tools.mjs').Tool} tool
 */
export const ownTool = (root, tool) => join(toolHome(root), 'bin', tool.name);

/**
 * @param {import('./tools.mjs').Tool} tool
 * @param {string} path
 * @returns {Promise<string | undefined>} undefined when it does not run, or prints something else
 */
export async function versionOf(tool, path) {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' };
  const { code, output } = await run(path, tool.versionArgs, { env, timeoutMs: VERSION_TIMEOUT_MS }).catch(() => ({
    code: 1,
    output: '',
  }));
  return code === 0 ? tool.versionPattern.exec(output)?.[1]?.replace(/^v/, '') : undefined;
}
