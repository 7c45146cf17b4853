import { randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../src/host/run-command.ts';
import { packagesDir } from './layout.ts';

/** A published package at an exact version. */
export interface PackageRef {
  name: string;
  version: string;
}

/** Installs under way in this process, so that concurrent revisions of one package share one. */
const underWay = new Map<string, Promise<string>>();

/**
 * The folder that holds the installed package, shared by all revisions and never written to again: a published version
 * does not change, and a revision that comes back finds it without the network.
 */
export async function installedPackage(dataDir: string, ref: PackageRef, signal?: AbortSignal): Promise<string> {
  const folder = join(packagesDir(dataDir), `${ref.name.replace('/', '+')}@${ref.version}`);
  for (;;) {
    const isThere = await exists(folder);
    signal?.throwIfAborted();
    if (isThere) return folder;
    const other = underWay.get(folder);
    if (!other) break;
    // It may have been aborted for reasons of its own revision; then this one does the work.
    await other.catch(() => undefined);
  }
  const install = installInto(folder, ref, signal).finally(() => underWay.delete(folder));
  underWay.set(folder, install);
  return install;
}

/** The programs a package offers: name and path within the installation. */
export async function packageBins(folder: string, name: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8');
  const { bin } = JSON.parse(text) as { bin?: string | Record<string, string> };
  const bins = typeof bin === 'string' ? { [name.replace(/^@[^/]*\//, '')]: bin } : (bin ?? {});
  return Object.fromEntries(Object.entries(bins).map(([key, path]) => [key, join('node_modules', name, path)]));
}

async function installInto(folder: string, ref: PackageRef, signal?: AbortSignal): Promise<string> {
  const temporary = `${folder}.${randomUUID()}.tmp`;
  try {
    await mkdir(temporary, { recursive: true });
    // Without one, npm would install into the nearest package above.
    await writeFile(join(temporary, 'package.json'), '{"private":true}\n');
    // After `--` nothing is an option any more.
    await npm(['install', '--save-exact'], `${ref.name}@${ref.version}`, temporary, signal);
    await rename(temporary, folder).catch(async (error: unknown) => {
      // Another worker was faster; the same version has the same content.
      if (!(await exists(folder))) throw error;
    });
    return folder;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** No scripts: what a package runs at install time would run outside of any revision, before any check. */
const FLAGS = ['--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];

async function npm(args: string[], spec: string, cwd: string, signal?: AbortSignal): Promise<void> {
  const env = withoutOuterNpm(process.env);
  // An aborted one has ended, with all it has started, before its folder is removed.
  const { code, stderr } = await runCommand('npm', [...args, ...FLAGS, '--', spec], { cwd, env, signal, keep: 4000 });
  signal?.throwIfAborted();
  if (code !== 0) throw new Error(`npm ${args.join(' ')} ${spec} failed (exit code ${code}): ${legible(stderr)}`);
}

/** A worker started by `npm run` carries that run's settings, which would redirect this one. */
function withoutOuterNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const outer =
    /^(INIT_CWD|NODE_ENV|npm_(command|execpath|lifecycle_.*|package_.*|config_(local_)?prefix|config_global.*))$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !outer.test(name)));
}

/** npm's own reason: no stack trace, no pointer to a log file, no word twice. */
function legible(errors: string): string {
  const lines = errors
    .split('\n')
    .filter((line) => !/^npm (error|ERR!) (code|errno|syscall|path|type) |complete log|debug-\d+\.log/.test(line))
    .map((line) => line.replace(/^npm (error|ERR!)( [a-z0-9]+(?= [A-Z]))? ?/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('at '));
  return [...new Set(lines)].slice(0, 3).join('; ');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
