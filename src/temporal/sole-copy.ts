import { setTimeout as sleep } from 'node:timers/promises';
import { SILENT_AFTER_MS } from '../domain/pools/served.ts';
import { describeOtherCopy } from '../domain/hosts/words.ts';
import type { HostRegistry } from '../store/hosts/registry.ts';

/** Between two looks at whether another copy gives a sign of life, in milliseconds. */
const LOOK_MS = 500;

export interface SoleCopyOptions {
  hosts: Pick<HostRegistry, 'findOtherCopy'>;
  /** The host's id. */
  host: string;
  /** See `identifyFolder`. */
  copy: string;
  log: (message: string, details: Record<string, unknown>) => void;
}

/**
 * Refuses to work for a host that another copy of its data folder works for: each would take the other's processes for dead, and
 * work on stacks that the other one works on. A copy that was at work just now may have been killed, or moved here: then it is
 * silent, which is waited for.
 *
 * @throws Error that says what would be right
 */
export async function requireSoleCopy({ hosts, host, copy, log }: SoleCopyOptions): Promise<void> {
  const first = await hosts.findOtherCopy(host, copy);
  if (!first || first.unseenMs >= SILENT_AFTER_MS) return;
  log('another copy of the data folder was at work just now; waits to see whether it still is', { host, ...first });
  for (;;) {
    await sleep(LOOK_MS);
    const other = await hosts.findOtherCopy(host, copy);
    if (!other || other.unseenMs >= SILENT_AFTER_MS) return;
    if (other.lastSeen > first.lastSeen) throw new Error(describeOtherCopy(host, other.machine));
  }
}
