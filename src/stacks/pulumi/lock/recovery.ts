import { hostname } from 'node:os';
import type { StackId } from '../../blueprint.ts';
import { StackBusyError } from '../../driver.ts';
import { isAlive, type ProcessIdentity, startedAt } from '../../../host/process-identity.ts';
import type { Claim } from './ledger.ts';
import { OperationFolder, type OperationSpec } from '../operation/operation-folder.ts';
import type { Outcome } from '../operation/outcome.ts';
import type { EngineLock, StateStore } from '../state/state-store.ts';

/** An operation that a dead worker has begun and that can still be told the end of. */
export type LeftOutcome = { spec: OperationSpec } & (
  | { outcome: Outcome; folder?: OperationFolder }
  /** The runner lives, and works. */
  | { outcome?: undefined; folder: OperationFolder; runner: ProcessIdentity }
);

/** Undefined where there is nothing, or only remains: its runner never began, or was killed. */
export async function findLeftOutcome({
  kept,
  folder: path,
}: Pick<Claim, 'kept' | 'folder'>): Promise<LeftOutcome | undefined> {
  if (kept) return kept;
  if (path === undefined) return undefined;
  const folder = new OperationFolder(path);
  const spec = await folder.spec();
  if (!spec) return undefined;
  const runner = await folder.settleRunner();
  const lives = runner !== undefined && isAlive(runner);
  // Looked for after that, because a runner writes it before it ends.
  const outcome = await folder.outcome();
  if (outcome) return { spec, outcome, folder };
  return lives ? { spec, folder, runner } : undefined;
}

/**
 * Removes locks of engines that were killed. The backend's locks have no lease, so one goes only when its holder is
 * proven dead, or is of a machine whose claim of the stack was taken over: by the claim nobody works there any more, and
 * the engine's lock is only there to keep people's own Pulumi away. A lock of any other machine may be somebody's.
 * @param abandoned those machines; none unless told
 * @throws StackBusyError when the holder is alive, or cannot be looked at from here
 */
export async function removeStaleLocks(
  store: StateStore,
  id: StackId,
  abandoned: readonly string[] = [],
): Promise<void> {
  const [lock] = await store.removeLocks(id, (each) => abandoned.includes(each.hostname) || isOfDead(each));
  if (!lock) return;
  const holder = `${lock.username}@${lock.hostname}, process ${lock.pid}, since ${lock.timestamp}`;
  throw new StackBusyError(
    lock.hostname === hostname()
      ? `${id.stack} is locked by another Pulumi process (${holder})`
      : `${id.stack} is locked from another host (${holder}); if that is dead, remove ${lock.path}`,
  );
}

/** Removes locks whose holder this machine can prove to be dead, and leaves the others alone. */
export async function removeDeadLocks(store: StateStore, id: StackId): Promise<void> {
  await store.removeLocks(id, isOfDead);
}

function isOfDead(lock: EngineLock): boolean {
  return lock.hostname === hostname() && !mayStillHold(lock);
}

/** Clocks that tick in hundredths, and a clock that was set meanwhile. */
const CLOCK_SLACK_MS = 2_000;

/** A process that began after the lock was made merely got its holder's pid. */
function mayStillHold(lock: EngineLock): boolean {
  const began = startedAt(lock.pid);
  return began !== undefined && began <= Date.parse(lock.timestamp) + CLOCK_SLACK_MS;
}
