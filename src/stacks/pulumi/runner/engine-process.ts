import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { keepLastLines } from '../../../host/whole-lines.ts';
import { claimingCommand } from '../../../host/claiming-command.ts';
import { EngineError } from '../../driver.ts';
import { identifyProcess, type ProcessIdentity } from '../../../host/process-identity.ts';

export interface EngineCall {
  binary: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Receives all output. */
  logFile: string;
  /** Where the process claims to be the only one, and can be found whatever becomes of this one. */
  record: string;
  /** The process whose death it does not outlive; see {@link claimingCommand}. */
  endsWith?: number;
  /** Told of the process as soon as it exists. */
  onSpawn(engine: ProcessIdentity): void;
}

/** Ended by itself or by a signal; `output` is the end of what it wrote. */
export interface EngineExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

const OUTPUT_KEPT = 16_000;

/**
 * Runs the engine so that it outlives its parent for long enough to stop cleanly: in a session of its own, away from
 * the terminal's Ctrl-C, and with its output going to a file. With a pipe, the first line it prints after its parent's
 * death would kill it in the middle of a step.
 */
export async function runEngine(call: EngineCall): Promise<EngineExit> {
  const log = await open(call.logFile, 'a', 0o600);
  try {
    const [shell, ...args] = claimingCommand(call.record, 1, [call.binary, ...call.args], {
      endsWith: call.endsWith,
    });
    const child = spawn(shell, args, {
      cwd: call.cwd,
      env: call.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    const exit = exited(child, call.binary);
    // Until it is waited for, even an ended child can be identified as a process that is no longer alive.
    const engine = child.pid === undefined ? undefined : identifyProcess(child.pid);
    if (engine) call.onSpawn(engine);
    return { ...(await exit), output: keepLastLines(await readFile(call.logFile, 'utf8'), OUTPUT_KEPT) };
  } finally {
    await log.close();
  }
}

async function exited(child: ChildProcess, binary: string): Promise<Omit<EngineExit, 'output'>> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new EngineError(`${binary} could not be started: ${error.message}`));
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}
