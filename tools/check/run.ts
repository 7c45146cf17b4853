import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'node_modules/.bin');
/** Node's compiled code, for every process that is started here: the tests start hundreds, each of which loads the same. */
export const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/compiled');

export interface Finished {
  /** 0 when it found nothing to complain about; a signal's end counts as 1. */
  readonly exitCode: number;
  readonly output: string;
  readonly seconds: number;
}

export interface RunOptions {
  /** Show the output while it comes, instead of keeping it. */
  readonly live?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs one of the project's own executables at the top of the checkout, on the project's own Node. */
export function run([command, ...args]: readonly [string, ...string[]], options: RunOptions = {}): Promise<Finished> {
  const began = performance.now();
  const env = {
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    ...process.env,
    ...options.env,
    PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}`,
  };
  const stdio = options.live === true ? 'inherit' : (['ignore', 'pipe', 'pipe'] as const);
  return new Promise((resolve, reject) => {
    const child = spawn(join(BIN, command), args, { cwd: ROOT, env, stdio: stdio as 'pipe' });
    let output = '';
    for (const stream of [child.stdout, child.stderr] as const) {
      (stream as typeof stream | null)?.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ exitCode: code ?? 1, output, seconds: (performance.now() - began) / 1000 });
    });
  });
}
