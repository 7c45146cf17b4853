import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOCK = new URL('../setup/lock.mjs', import.meta.url).href;
const PYTHON = process.env.SUPPLANT_PYTHON ?? 'python3';

/** Where this machine has no Python that can make a virtual environment. */
export class PythonMissingError extends Error {
  override readonly name = 'PythonMissingError';
}

/** What is to be in a virtual environment. */
export interface Wanted {
  /** Its folder in `.tools`. */
  name: string;
  /** In words: `the AWS emulators`. */
  title: string;
  /** A file with pinned versions, and the hashes of what may be downloaded. */
  requirements: URL;
}

/**
 * A Python with what is wanted. It is a virtual environment in `.tools`, made where it is not yet (up to a minute) and shared by
 * all who ask; its folder is named by a digest of the requirements, so that other versions get another one.
 * @returns the interpreter's path
 * @throws PythonMissingError with what to install
 */
export async function obtainPython({ name, title, requirements }: Wanted): Promise<string> {
  const file = fileURLToPath(requirements);
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 12);
  const home = join(ROOT, '.tools', name);
  const folder = join(home, digest);
  const interpreter = join(folder, 'bin', 'python3');
  const stamp = join(folder, 'complete');
  if (existsSync(stamp)) return interpreter;
  await mkdir(home, { recursive: true });
  const { withLock } = (await import(LOCK)) as Lock;
  const announceWait = (holder: string): void => console.error(`waiting for ${holder}, which installs ${title}`);
  await withLock(join(home, 'lock'), announceWait, async () => {
    if (existsSync(stamp)) return;
    await rm(folder, { recursive: true, force: true });
    await makeEnvironment(folder);
    await install(interpreter, file, title);
    await writeFile(stamp, '');
  });
  return interpreter;
}

/** What of the set-up's lock is needed here; it has no types of its own. */
interface Lock {
  withLock: (folder: string, onWait: (holder: string) => void, work: () => Promise<void>) => Promise<void>;
}

/** Whether {@link obtainPython} has anything to begin with. */
export async function hasPython(): Promise<boolean> {
  return (await findFailure(PYTHON, ['-c', 'import ensurepip, venv'])) === undefined;
}

async function makeEnvironment(folder: string): Promise<void> {
  const failure = await findFailure(PYTHON, ['-m', 'venv', folder]);
  if (failure === undefined) return;
  await rm(folder, { recursive: true, force: true });
  throw new PythonMissingError(`${PYTHON} makes no virtual environment (${failure}): install python3 and python3-venv`);
}

async function install(interpreter: string, requirements: string, title: string): Promise<void> {
  // Modules are compiled when they are first used: most never are.
  const options = ['--quiet', '--no-input', '--no-compile', '--disable-pip-version-check', '--require-hashes'];
  const failure = await findFailure(interpreter, ['-m', 'pip', 'install', ...options, '-r', requirements]);
  if (failure !== undefined) throw new Error(`${title} could not be installed:\n${failure}`);
}

/** Runs a command to its end; undefined where it succeeded. */
async function findFailure(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await promisify(execFile)(command, [...args], { maxBuffer: 16 * 1024 * 1024 });
    return undefined;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    return `${stdout}${stderr}`.trim() || message;
  }
}
