import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run } from './run.mjs';
import { commandLink, dependencyStamp, isExecutable, stampDependencies } from './stamp.mjs';

const LOG_LINES = 30;

/**
 * Runs `npm ci`, unless npm was already run by hand and left exactly what the lock file asks for.
 * @param {string} root
 * @param {import('./progress.mjs').Progress} progress
 */
export async function installDependencies(root, progress) {
  const step = progress.step('npm packages', 'comparing with package-lock.json');
  rmSync(dependencyStamp(root), { force: true });
  if (installedMatchesLock(root)) {
    step.done('already there');
  } else {
    step.update('npm ci');
    const { code, output } = await run(
      'npm',
      ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-update-notifier'],
      {
        cwd: root,
        env: environmentForNpm(root),
      },
    );
    if (code !== 0) {
      step.failed('npm ci failed');
      throw new Error(explainFailure(output, root));
    }
    step.done('installed');
  }
  linkCommand(root);
  stampDependencies(root);
}

/** @param {string} root */
export function installedMatchesLock(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !present) return false;
  if ('node_modules/node' in wanted && !isExecutable(join(root, 'node_modules', '.bin', 'node'))) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const installed = present[path];
    return installed ? installed.version === version && installed.integrity === integrity : optional === true;
  });
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }> | undefined}
 */
function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * Without the project's own executables on PATH: `npm ci` removes the Node in there, and must not be running on it.
 * @param {string} root
 */
function environmentForNpm(root) {
  const own = join(root, 'node_modules', '.bin');
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== own);
  return { ...process.env, PATH: path.join(delimiter) };
}

/**
 * npm links the executables of a project's dependencies, never the project's own; `npx supplant` looks for this one.
 * @param {string} root
 */
function linkCommand(root) {
  mkdirSync(dirname(commandLink(root)), { recursive: true });
  rmSync(commandLink(root), { force: true });
  symlinkSync('../../bin/supplant', commandLink(root));
}

/**
 * @param {string} output
 * @param {string} root
 */
function explainFailure(output, root) {
  return [
    `\`npm ci\` in ${root} ended with:`,
    ...endOf(output).map((line) => `  ${line}`),
    "If the registry could not be reached, check the network and npm's proxy and registry settings (`npm config ls`);",
    'if package-lock.json does not fit package.json, run `npm install`. Then: npm run setup',
  ].join('\n');
}

/**
 * The last lines that tell something: npm puts warnings before its reasons, and its whole manual after some of them.
 * @param {string} output
 */
function endOf(output) {
  const [reasons] = output.split(/^npm error\s*\n(?=npm error Clean install a project|npm error Usage:)/m);
  const told = reasons.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('npm warn'));
  return told.slice(-LOG_LINES);
}
