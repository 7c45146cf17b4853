import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Below 2^53, so that it is a number everywhere, and far above any limit that somebody would set. */
const LEAST = 2 ** 52;
const HASH_DIGITS = 12;

/**
 * A number that stands for a name, to mark a process and whatever it starts: as its limit of file locks
 * (RLIMIT_LOCKS, setrlimit(2)), which Linux has kept without any effect since 2.4.25. Limits are inherited however a process
 * cleans its environment, detaches itself or sets its title, and only root can raise one again.
 */
export function computeLimitMark(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS);
  return String(LEAST + Number.parseInt(hash, 16));
}

/** What a process is marked with; undefined for most, and where there is no `/proc`. */
export function readLimitMark(pid: number): string | undefined {
  try {
    return /^Max file locks\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
