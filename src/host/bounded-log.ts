import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { claimingCommand } from './claiming-command.ts';
import { LOG_FILE_BYTES, LOG_FILES } from './log-files.ts';

/**
 * Writes what it reads to a file and rotates that, until nobody can write to it any more. Only what POSIX has, since it
 * must outlive its parent at next to no cost; `dd` hands on at once whatever it reads, and says how often it did, after warnings. What a full disk does not take is
 * dropped: a program must not stand still for its log.
 */
const KEEPER = `
log=$1; most=$2; files=$3
trap '' HUP INT TERM
umask 077
newline='
'
while :; do
  size=$(wc -c < "$log") || size=0
  if [ "$size" -ge "$most" ]; then
    number=$((files - 1))
    while [ $number -gt 1 ]; do
      mv -f "$log.$((number - 1))" "$log.$number"
      number=$((number - 1))
    done
    mv -f "$log" "$log.1" || : > "$log"
    size=0
  fi
  said=$(dd bs=16384 count=$(((most - size + 16383) / 16384)) 2>&1 >> "$log") ||
    said=$(dd bs=16384 count=64 2>&1 > /dev/null)
  read=\${said%% records in*}
  read=\${read##*"$newline"}
  [ $((\${read%+*} + \${read#*+})) -gt 0 ] || exit 0
done
`;

/** Where a program's output goes so that its log stays within bounds; see `log-files.ts` for which. */
export interface BoundedLog {
  /** A pipe for the program's output, of which it holds both ends: without a keeper it waits, but does not end. */
  readonly output: number;
  /** Resolves when the keeper has ended, with all that was written in the file. */
  readonly kept: Promise<void>;
  /** Gives up this process's hold on the pipe. */
  close(): void;
}

/**
 * Begins to keep a log. The keeper is a process of its own, which outlives this one and ends when the last process
 * that can write to the pipe has; until {@link BoundedLog.close} one that dies is replaced (Linux). Where no pipe can be
 * made, the output goes to the file as it is, without a bound.
 * @param record for the keeper to claim its start in, so that it can be found; see {@link resumeLog}
 * @throws Error when not even the file can be opened
 */
export async function openBoundedLog(path: string, record?: string): Promise<BoundedLog> {
  await mkdir(dirname(path), { recursive: true });
  try {
    return await keepLog(path, record);
  } catch {
    const output = openSync(path, 'a', 0o600);
    return { output, kept: Promise.resolve(), close: () => closeSync(output) };
  }
}

async function keepLog(path: string, record: string | undefined): Promise<BoundedLog> {
  const folder = await mkdtemp(join(tmpdir(), 'supplant-pipe-'));
  const pipe = join(folder, 'pipe');
  let output: number | undefined;
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', pipe]);
    output = openSync(pipe, constants.O_RDWR);
    const keeper = await startKeeper(pipe, path, record === undefined ? undefined : { record, number: 1 });
    return held(output, keeper, path);
  } catch (error) {
    if (output !== undefined) closeSync(output);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function held(output: number, keeper: ChildProcess, path: string): BoundedLog {
  let isOpen = true;
  const kept = ended(keeper);
  const replaceDead = async (): Promise<void> => {
    for (let current = kept; ;) {
      await current;
      if (!isOpen || process.platform !== 'linux') return;
      current = ended(await startKeeper(`/proc/self/fd/${output}`, path));
    }
  };
  // Without any, the program stands still once the pipe is full; there is nobody to tell.
  replaceDead().catch(() => undefined);
  return {
    output,
    kept,
    close: () => {
      isOpen = false;
      closeSync(output);
    },
  };
}

/** Starts a keeper in the place of one that has died, for a process that writes to its pipe (Linux). */
export async function resumeLog(pid: number, path: string, record: string, number: number): Promise<void> {
  const pipe = `/proc/${pid}/fd/1`;
  // A program may have turned its output elsewhere.
  if (!statSync(pipe).isFIFO()) return;
  const output = openSync(pipe, constants.O_RDWR);
  try {
    await startKeeper(pipe, path, { record, number });
  } finally {
    closeSync(output);
  }
}

async function startKeeper(
  pipe: string,
  path: string,
  claim?: { record: string; number: number },
): Promise<ChildProcess> {
  const keep: [string, ...string[]] = ['/bin/sh', '-c', KEEPER, 'log', path, `${LOG_FILE_BYTES}`, `${LOG_FILES}`];
  const [shell, ...args] = claim ? claimingCommand(claim.record, claim.number, keep) : keep;
  // The caller can write to the pipe, so that this does not wait for somebody who can.
  const input = openSync(pipe, constants.O_RDONLY);
  try {
    // Nothing of our environment: what is found by its marks is ended with what it belongs to, and this must read on.
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' };
    const keeper = spawn(shell, args, { detached: true, stdio: [input, 'ignore', 'ignore'], cwd: dirname(path), env });
    await once(keeper, 'spawn');
    keeper.unref();
    return keeper;
  } finally {
    closeSync(input);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await once(child, 'exit');
}
