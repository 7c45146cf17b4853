import type { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { join } from 'node:path';
import { EngineError } from '../driver.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { inheritedEnvironment } from './environment.ts';
import { type EngineExit, runEngine } from './engine-process.ts';

/** The engine ended with something other than success. */
export class EngineExitError extends Error {
  override readonly name = 'EngineExitError';
  readonly exit: EngineExit;
  constructor(exit: EngineExit) {
    super(`the engine ended with ${exit.signal ?? `exit code ${exit.code}`}`);
    this.exit = exit;
  }
}

type Answer = Awaited<ReturnType<Run>>;
type Run = (
  args: string[],
  cwd: string,
  env: Record<string, string>,
) => Promise<{ stdout: string; stderr: string; code: number }>;

/** Of the commands that the Automation API puts around an operation: not needed here, answered without a process. */
const ANSWERS: Record<string, string> = { 'stack select': '', 'stack output': '{}', 'stack history': '[]' };

/**
 * The Automation API's way to the CLI, with processes that survive a killed worker. Selecting, reading outputs and
 * reading history would take five more processes per operation, and print secrets: the state file has what is needed.
 *
 * `PulumiCommand` has private parts and an internal `run`; its shape is checked by the contract test when it is upgraded.
 */
export function engineCommand(
  installed: PulumiCommand,
  logName: string,
  onSpawn: (engine: ProcessIdentity) => void,
): PulumiCommand {
  const run: Run = async (args, cwd, env) => {
    const answer = ANSWERS[args.slice(0, 2).join(' ')];
    if (answer !== undefined) return succeeded(answer);
    if (args[0] === 'stack') throw new EngineError(`unexpected engine command: ${args.slice(0, 2).join(' ')}`);
    const exit = await runEngine({
      binary: installed.command,
      args: [...args, '--non-interactive'],
      cwd,
      env: { ...inheritedEnvironment(), ...env },
      logFile: join(cwd, logName),
      onSpawn,
    });
    if (exit.code !== 0) throw new EngineExitError(exit);
    return succeeded(exit.output);
  };
  return { command: installed.command, version: installed.version, run } as unknown as PulumiCommand;
}

function succeeded(stdout: string): Answer {
  return { stdout, stderr: '', code: 0 };
}
