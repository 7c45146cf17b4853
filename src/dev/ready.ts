import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a fact. Fails with `what` when it does not come true in time, or when it is called off. */
export async function waitFor(
  what: string,
  fact: () => boolean | Promise<boolean>,
  signal: AbortSignal,
  limitMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await fact())) {
    signal.throwIfAborted();
    if (performance.now() > deadline) throw new Error(`${what} did not become ready within ${limitMs / 1000} s`);
    await sleep(20, undefined, { signal });
  }
}

/** A fact: the log file has this line after where it ends now. */
export function saysFromNowOn(path: string, line: string): () => boolean {
  const offset = endOf(path);
  return () => says(path, line, offset);
}

function endOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

function says(path: string, line: string, offset: number): boolean {
  try {
    const log = readFileSync(path);
    // A log that was rotated begins anew.
    return log
      .subarray(log.length < offset ? 0 : offset)
      .toString('utf8')
      .includes(line);
  } catch {
    return false;
  }
}

export function readLastLines(path: string, count: number): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
