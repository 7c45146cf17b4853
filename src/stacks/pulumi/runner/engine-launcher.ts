import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { claimingCommand } from '../../../host/claiming-command.ts';
import { writeDurably } from '../../../host/durable-file.ts';
import { quoteShellWord } from '../../../host/shell-word.ts';

/** Holds the shell commands by which a launcher becomes the engine. */
export const START_VARIABLE = 'SUPPLANT_ENGINE_START';

/** The root of an installation of the Pulumi CLI, as the Automation API takes it; what is in it is a launcher of ours. */
export function locateLauncher(home: string): string {
  return join(home, 'launcher');
}

/**
 * Puts the launcher where the Automation API finds it: it starts `bin/pulumi` of the root that it is told, with pipes for
 * output, as a member of its own group. The launcher makes of itself what an engine has to be.
 * @param home Supplant's own `PULUMI_HOME`
 * @param version what the CLI says of itself, so that nobody has to start it to ask again
 * @throws Error fit to show when programs may not be run from there
 */
export async function ensureLauncher(home: string, version: string): Promise<void> {
  const path = join(locateLauncher(home), 'bin', 'pulumi');
  const text = `#!/bin/sh
case $1 in version) echo ${quoteShellWord(version)}; exit ;; esac
eval "\${${START_VARIABLE}:?only the runner of an operation starts this}"
`;
  const found = await readFile(path, 'utf8').catch(() => undefined);
  if (found === text && (await findFault(path)) === undefined) return;
  // Whole or not at all: another worker's runner may be starting it.
  await writeDurably(path, text, 0o700);
  const fault = await findFault(path);
  if (fault === undefined) return;
  throw new Error(`${fault}; the data folder has to be where programs may be run from (a file system without noexec)`);
}

/** Why the launcher cannot be run, where that is so. */
async function findFault(path: string): Promise<string | undefined> {
  return promisify(execFile)(path, ['version']).then(
    () => undefined,
    (error: unknown) => `${path} cannot be run: ${error instanceof Error ? error.message : String(error)}`,
  );
}

export interface EngineStart {
  binary: string;
  /** All that the engine is told. The SDK adds the whole environment of this process. */
  env: Record<string, string>;
  /** Where the process claims to be the only one, and can be found whatever becomes of this one. */
  record: string;
  /** Receives all output. */
  logFile: string;
  /** The process whose death it does not outlive, this one; see {@link claimingCommand}. */
  endsWith?: number;
}

const NAME = /^[A-Za-z_]\w*$/;

/** For systems that have no `setsid`. */
const SETSID = 'use POSIX "setsid"; setsid() > 0 or die "setsid: $!\\n"; exec @ARGV or die "$ARGV[0]: $!\\n"';

/**
 * The shell commands by which a launcher becomes the engine, so that it outlives its parent for long enough to stop
 * cleanly: in a session of its own, away from the terminal's Ctrl-C and from what ends the runner's group, and with its
 * output going to a file. With a pipe, the first line it prints after its parent's death would kill it in the middle of a
 * step.
 */
export function formatStart({ binary, env, record, logFile, endsWith }: EngineStart): string {
  const untold = Object.keys(process.env).filter((name) => !(name in env) && NAME.test(name));
  const command = claimingCommand(record, 1, [binary], { endsWith }).map(quoteShellWord).join(' ');
  return `
unset ${[START_VARIABLE, ...untold].join(' ')}
PATH=${quoteShellWord(env.PATH ?? '/usr/bin:/bin')}
exec < /dev/null >> ${quoteShellWord(logFile)} 2>&1
set -- ${command} "$@"
if command -v setsid > /dev/null; then exec setsid "$@"; fi
exec perl -e ${quoteShellWord(SETSID)} "$@"
`;
}
