import { setTimeout as sleep } from 'node:timers/promises';
import { locateModule } from '../../src/host/module-path.ts';
import { startProgramThread } from '../../src/host/program-thread.ts';
import { CopyProgress, watchForStandstill } from './copy-progress.ts';
import { FolderFaults } from './folder-entries.ts';

/** A folder to copy. */
export interface FolderTask {
  folder: string;
  to: string;
}

/** What the thread that copies is given. */
export interface FolderInput {
  task: FolderTask;
  counts: SharedArrayBuffer;
}

export type FolderAnswer = { sha256: string } | { faults: readonly string[] } | { error: string };

export interface CopyOptions {
  /** Nobody wants the copy any more. */
  signal?: AbortSignal;
  /** Where to count what is done. */
  progress?: CopyProgress;
  /** How long the file system may stand still, in milliseconds. */
  stillMs?: number;
}

const THREAD = locateModule('./folder-thread', import.meta.url);

/** A disk that is woken, or a network share whose server is restarted, is back by then. */
const STILL_MS = 30_000;

/** How long an aborted thread is waited for, in milliseconds. */
const ENDING_MS = 500;

/**
 * A copy of its own, so that a process that writes into its folder changes neither the source nor another revision. Made
 * in a thread of its own, so that a large one holds up nothing else. It takes as long as it goes on; how much it may be
 * is bounded by {@link FOLDER_LIMITS}.
 *
 * @returns SHA-256 over the copy's files, links and folders by relative path, executable bit and content, in hex
 * @throws FolderFaults when the folder cannot be deployed as it is
 * @throws Error that says how far it came, when the signal is aborted or nothing goes on any more
 */
export async function copyFolder(
  folder: string,
  to: string,
  { signal, progress = new CopyProgress(), stillMs = STILL_MS }: CopyOptions = {},
): Promise<string> {
  signal?.throwIfAborted();
  using standstill = watchForStandstill(progress, stillMs);
  const ends = AbortSignal.any([standstill.signal, ...(signal ? [signal] : [])]);
  const answer = await copyInThread({ folder, to }, progress, ends);
  if (answer === 'aborted') {
    throw new Error(
      standstill.signal.aborted
        ? `${folder} could not be read on for ${stillMs / 1000} s: ${progress.describe()}, then nothing; does its disk or network share answer?`
        : `nobody waits for the copy of ${folder} any more: ${progress.describe()}`,
    );
  }
  if ('sha256' in answer) return answer.sha256;
  throw 'faults' in answer ? new FolderFaults(answer.faults) : new Error(answer.error);
}

async function copyInThread(
  task: FolderTask,
  { buffer }: CopyProgress,
  signal: AbortSignal,
): Promise<FolderAnswer | 'aborted'> {
  const thread = startProgramThread(THREAD, { task, counts: buffer } satisfies FolderInput);
  return new Promise<FolderAnswer | 'aborted'>((resolve) => {
    const abort = (): void => {
      // A read of a file system that is gone may not end at all.
      void Promise.race([thread.terminate(), sleep(ENDING_MS)]).then(() => resolve('aborted'));
    };
    signal.addEventListener('abort', abort, { once: true });
    thread.once('message', (found: FolderAnswer) => resolve(found));
    // What comes first counts.
    thread.once('error', (error) => resolve({ error: error instanceof Error ? error.message : String(error) }));
    thread.once('exit', (code) => {
      signal.removeEventListener('abort', abort);
      if (!signal.aborted) resolve({ error: `reading ${task.folder} ended with ${code}` });
    });
  });
}
