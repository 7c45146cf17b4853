import { readFile, writeFile } from 'node:fs/promises';
import { CommandError } from '@pulumi/pulumi/automation/index.js';
import { keepLastLines } from '../../../host/whole-lines.ts';
import { EngineError } from '../../driver.ts';

/** Ended by itself or by a signal; `output` is the end of what it wrote. */
export interface EngineExit {
  code: number | null;
  signal: string | null;
  output: string;
}

const OUTPUT_KEPT = 16_000;

/**
 * Awaits an operation of the Automation API, and tells how its engine has ended.
 * @param logFile receives all that the engine prints
 * @throws EngineError when it could not be started
 */
export async function awaitEngine(operate: () => Promise<unknown>, logFile: string): Promise<EngineExit> {
  await writeFile(logFile, '', { flag: 'a', mode: 0o600 });
  let exit: Omit<EngineExit, 'output'> = { code: 0, signal: null };
  try {
    await operate();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    exit = readExit(error);
  }
  return { ...exit, output: keepLastLines(await readFile(logFile, 'utf8'), OUTPUT_KEPT) };
}

/** The SDK says how its command has ended in words only. */
function readExit({ message }: CommandError): Omit<EngineExit, 'output'> {
  const [, signal] = /Command was killed with (SIG[A-Z0-9]+)/.exec(message) ?? [];
  if (signal !== undefined) return { code: null, signal };
  const [, code] = /Command failed with exit code (\d+)/.exec(message) ?? [];
  if (code !== undefined) return { code: Number(code), signal: null };
  throw new EngineError('the engine could not be started', message);
}
