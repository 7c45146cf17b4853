import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepLastLines } from './whole-lines.ts';
import { readStat } from './process-identity.ts';
import { killSession } from './process-tree.ts';

export interface CommandOptions {
  /** Ends the command, and all that it has started, at once. */
  signal?: AbortSignal | undefined;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** How much is kept of the end of either output, in characters, from a whole line on. */
  keep: number;
}

export interface CommandExit {
  /** Null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** In the environment of all that a command starts, so that it is found wherever it goes. */
const MARKER = 'SUPPLANT_COMMAND';
/** For what it had written to arrive, once it has ended. */
const DRAIN_MS = 200;

/**
 * Runs a command to its end, without a shell and without input, in a session of its own. With it ends whatever it has
 * started: nothing is left running, and what a child of its holds open delays nobody.
 * @throws NodeJS.ErrnoException when it cannot be started: ENOENT, EACCES
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandExit> {
  const { signal, cwd, env = process.env, keep } = options;
  const id = randomUUID();
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env, [MARKER]: id },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outputs = [tailOf(child.stdout, keep), tailOf(child.stderr, keep)] as const;
  // A process that has ended already can still be read here: nobody has waited for it yet.
  const sinceTicks = child.pid === undefined ? 0 : Number(readStat(child.pid)?.startTicks ?? 0);
  const end = (): void => {
    if (child.pid !== undefined) killSession({ leader: child.pid, sinceTicks }, `${MARKER}=${id}`);
    // Where its session cannot be listed.
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  };
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end, { once: true });
  try {
    const { code, signal: by } = await exited(child);
    end();
    await Promise.race([Promise.all(outputs.map(({ over }) => over)), sleep(DRAIN_MS, undefined, { ref: false })]);
    return { code, signal: by, stdout: outputs[0].text(), stderr: outputs[1].text() };
  } finally {
    signal?.removeEventListener('abort', end);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** Not `close`, which comes when the last of its children has let go of its output. */
async function exited(child: ChildProcess): Promise<Pick<CommandExit, 'code' | 'signal'>> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => {
      if (child.pid === undefined) reject(error);
    });
  });
}

function tailOf(stream: Readable, keep: number): { text: () => string; over: Promise<void> } {
  let text = '';
  // One more than is kept tells that there were more.
  stream.setEncoding('utf8').on('data', (more: string) => (text = (text + more).slice(-(keep + 1))));
  const over = new Promise<void>((resolve) => {
    stream.once('close', resolve);
  });
  return { text: () => keepLastLines(text, keep), over };
}
