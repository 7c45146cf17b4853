import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { StackId } from '../blueprint.ts';
import { StackBusyError } from '../driver.ts';
import { holdsWithin } from '../../host/polling.ts';
import { isAlive, startedAt } from '../../host/process-identity.ts';
import { stopEngine } from './engine-process.ts';
import type { Claim } from './ledger.ts';
import type { StackLock, StateStore } from './state-store.ts';

/**
 * An engine whose worker died has lost its program and its provider: it fails by itself once its steps in flight have
 * failed, records that and releases its lock. Being waited for is the cleanest end it can have; it
 * takes two seconds as a rule, and twelve where the engine was about to dial the provider (it tries for ten).
 */
const ORPHAN_MS = 15_000;

/** Ends what a dead worker's operation left: its engine process, never raced, then its working folder. */
export async function endLeftOperation(left: Claim, graceMs: number): Promise<void> {
  const { engine, workDir } = left;
  if (engine && !(await holdsWithin(ORPHAN_MS, () => !isAlive(engine)))) await stopEngine(engine, graceMs);
  if (workDir !== undefined) await rm(workDir, { recursive: true, force: true });
}

/**
 * Removes locks of engines that were killed. The backend's locks have no lease, so one goes only when its holder is
 * proven dead.
 * @throws StackBusyError when it is alive, or cannot be looked at from here
 */
export async function removeStaleLocks(store: StateStore, id: StackId): Promise<void> {
  for (const lock of await store.locks(id)) {
    const holder = `${lock.username}@${lock.hostname}, process ${lock.pid}, since ${lock.timestamp}`;
    if (lock.hostname !== hostname()) {
      throw new StackBusyError(
        `${id.stack} is locked from another host (${holder}); if that is dead, remove ${lock.path}`,
      );
    }
    if (mayStillHold(lock)) throw new StackBusyError(`${id.stack} is locked by another Pulumi process (${holder})`);
    await store.removeLock(lock);
  }
}

/** Clocks that tick in hundredths, and a clock that was set meanwhile. */
const CLOCK_SLACK_MS = 2_000;

/** A process that began after the lock was made merely got its holder's pid. */
function mayStillHold(lock: StackLock): boolean {
  const began = startedAt(lock.pid);
  return began !== undefined && began <= Date.parse(lock.timestamp) + CLOCK_SLACK_MS;
}
