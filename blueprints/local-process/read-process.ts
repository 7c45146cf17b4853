import { holdersOf, listens } from '../../src/host/listeners.ts';
import { readLatestClaim } from '../../src/host/claims.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { members } from './members.ts';
import { type ProcessRecord, readRecord } from './records.ts';
import { readStatus } from './status.ts';

/** A process that ended is started again within a second or so; within some on a machine that is busy. In milliseconds. */
const REVIVAL_MS = 10_000;

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
  let isGivenUp = false;
  await waitUntil(REVIVAL_MS, async () => {
    const start = await readLatestClaim(path);
    pids = start?.holder ? members(path, start).map(({ pid }) => pid) : [];
    isGivenUp = pids.length === 0 && (await readStatus(path)).givenUp !== undefined;
    return pids.length > 0 || isGivenUp;
  });
  if (pids.length === 0) return undefined;
  const isDisplaced = !listens(pids, record.port) && holdersOf(record.port).isHeld;
  return { record, isDisplaced };
}
