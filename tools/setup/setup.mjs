import { fileURLToPath } from 'node:url';
import { toolHome } from './home.mjs';
import { hasDependencies, isExecutable, isUpToDate, stampTool, toolIsStamped } from './stamp.mjs';
import { TOOLS } from './tools.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/**
 * Makes this checkout ready to run: the npm packages, then the native tools. An installed package has the former. Does nothing where nothing is missing.
 * @param {string[]} args `--quiet`: say nothing unless there is something to do
 */
export async function main(args) {
  if (isUpToDate(ROOT, process.env, TOOLS)) {
    if (!args.includes('--quiet')) console.log('set-up: nothing to do');
    return;
  }
  const { createProgress } = await import('./progress.mjs');
  const progress = createProgress(process.stderr);
  try {
    await withSetupLock(progress, () => setUp(progress));
  } catch (error) {
    progress.note(`\nset-up failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

/**
 * @param {import('./progress.mjs').Progress} progress
 * @param {() => Promise<void>} work
 */
async function withSetupLock(progress, work) {
  const { withLock } = await import('./lock.mjs');
  const { stopChildren } = await import('./run.mjs');
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    process.once(signal, () => {
      stopChildren();
      process.exit(code);
    });
  }
  const onWait = (/** @type {string} */ holder) =>
    progress.note(`set-up: waiting for another set-up of this checkout (${holder}); Ctrl-C stops waiting`);
  await withLock(`${toolHome(ROOT)}/setup.lock`, onWait, work);
}

/** @param {import('./progress.mjs').Progress} progress */
async function setUp(progress) {
  refuseWrongOverrides();
  if (!hasDependencies(ROOT)) {
    const { installDependencies } = await import('./dependencies.mjs');
    await installDependencies(ROOT, progress);
  }
  const missing = TOOLS.filter((tool) => !toolIsStamped(ROOT, process.env, tool));
  if (missing.length === 0) return;
  const { obtainTools } = await import('./obtain.mjs');
  await obtainTools(ROOT, missing, progress, (tool, found) => stampTool(ROOT, tool, found));
}

function refuseWrongOverrides() {
  const wrong = TOOLS.map(({ override }) => ({ override, path: process.env[override] })).filter(
    ({ path }) => path && !isExecutable(path),
  );
  if (wrong.length === 0) return;
  const lines = wrong.map(({ override, path }) => `${override} names ${path}, which is not an executable file`);
  throw new Error(`${lines.join('; ')}: set it to one, or unset it`);
}
