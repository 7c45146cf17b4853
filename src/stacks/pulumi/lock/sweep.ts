import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../../../host/process-identity.ts';
import type { StackId } from '../../blueprint.ts';
import type { Claim } from './ledger.ts';
import type { ReleaseRetrier } from './release-retrier.ts';
import { OperationFolder } from '../operation/operation-folder.ts';
import { findLeftOutcome } from './recovery.ts';
import { endLeft, stopLimitMs } from '../operation/stopping.ts';
import { isOwnedBy, judgeClaim } from './succession.ts';
import type { StackLockParts } from './stack-lock.ts';

type SweepParts = Pick<StackLockParts, 'ledger' | 'holder'> & {
  releases: ReleaseRetrier;
  /** Whether an operation of this process holds the stack, is claiming it, or has yet to note that it is free. */
  holds: (id: StackId) => boolean;
  settings: Pick<StackLockParts['settings'], 'workRoot' | 'stepMs' | 'stopGraceMs' | 'leaseMs'>;
};

/** What a sweep's claim of a stack is called. */
export const SWEEP = 'sweep';

/**
 * Removes the folders that dead workers left. A runner that still works is left to it; what has come of one that is
 * through is kept in the ledger, for whoever asks for that operation again. A claim that this
 * process has made and does not know of is given up as well: on a network that fails, the database may take it long after who
 * asked for it was told that nobody answers.
 */
export async function sweepLeftovers(parts: SweepParts): Promise<void> {
  const { ledger, holder, settings } = parts;
  // In this order: a folder is noted before it is made.
  const found = await readdir(settings.workRoot, { withFileTypes: true }).catch(() => []);
  const claims = await ledger.list(holder.host);
  const noted = new Set(claims.map(({ folder }) => folder));
  for (const entry of found) {
    const path = join(settings.workRoot, entry.name);
    if (noted.has(path)) continue;
    if (entry.isDirectory()) await endLeft(new OperationFolder(path), settings.stopGraceMs);
    else await rm(path, { force: true });
  }
  const isOwnerless = (claim: Claim): boolean =>
    isOwnedBy(claim, holder) ? !parts.holds(claim.id) : !isAlive(claim.owner);
  const ownerless = claims.filter((claim) => claim.kept === undefined && isOwnerless(claim));
  for (const claim of ownerless) await sweepClaim(parts, claim);
}

async function sweepClaim({ ledger, holder, holds, settings, releases }: SweepParts, claim: Claim): Promise<void> {
  if (await isAtWork(await findLeftOutcome(claim), settings)) return;
  const request = { id: claim.id, operation: SWEEP, holder, leaseMs: settings.leaseMs };
  const answer = await ledger.claim(request, (present) => {
    const isOurs = present.host === holder.host;
    const claimant = { holder, holds: holds(claim.id), isAlone: ledger.leases === undefined };
    return isOurs ? judgeClaim(present, claimant) : undefined;
  });
  if (answer.busy) return;
  const { claim: own, left: taken } = answer;
  // Somebody else's claim may have come and gone since.
  let rest = taken;
  try {
    const left = taken && (await findLeftOutcome(taken));
    if (!taken || (await isAtWork(left, settings))) return;
    if (taken.folder !== undefined) await endLeft(new OperationFolder(taken.folder), settings.stopGraceMs);
    const { folder: _removed, ...known } = taken;
    rest = left?.outcome ? { ...known, kept: { spec: left.spec, outcome: left.outcome } } : undefined;
  } finally {
    await releases.of(claim.id, async () => (rest ? ledger.handBack(rest, own) : ledger.release(own)));
  }
}

/** A runner that is silent for longer than it would let its engine be does not come to an end any more. */
async function isAtWork(
  left: Awaited<ReturnType<typeof findLeftOutcome>>,
  { stepMs, stopGraceMs }: SweepParts['settings'],
): Promise<boolean> {
  if (left === undefined || left.outcome !== undefined) return false;
  return (await left.folder.silentMs()) < stepMs + stopLimitMs(stopGraceMs);
}
