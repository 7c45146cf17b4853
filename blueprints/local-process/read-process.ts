import { holdersOf, listens } from '../../src/host/listeners.ts';
import { readLatestClaim } from '../../src/host/claims.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { members } from './members.ts';
import { type ProcessRecord, readRecord } from './records.ts';
import { readStatus } from './status.ts';

/**
 * A process that ended is started again within a second or so, unless it keeps ending. Whoever wants the stack for something
 * else waits for a look no longer than this. In milliseconds.
 */
const REVIVAL_MS = 4_000;

/** A process as it is now. */
export interface FoundProcess {
  record: ProcessRecord;
  /** Another process listens where it must. */
  isDisplaced: boolean;
}

/**
 * Whether a process is there as it was made, whichever start of it that is. Undefined where it is gone: it was never made,
 * is given up, or has ended and is not started again.
 */
export async function findProcess(path: string): Promise<FoundProcess | undefined> {
  const record = await readRecord(path);
  if (!record) return undefined;
  let pids: number[] = [];
  let isDisplaced = false;
  await waitUntil(REVIVAL_MS, async () => {
    const start = await readLatestClaim(path);
    pids = start?.holder ? members(path, start).map(({ pid }) => pid) : [];
    if (pids.length === 0) return (await readStatus(path)).givenUp !== undefined;
    // One that has just begun may listen by a process that was not among these yet.
    isDisplaced = !listens(pids, record.port) && holdersOf(record.port, record.host).isHeld;
    return !isDisplaced;
  });
  return pids.length === 0 ? undefined : { record, isDisplaced };
}
