import { isAlive } from '../../../host/process-identity.ts';
import type { Claim, Holder, Succession } from './ledger.ts';

/** What who asks for a stack knows beside the claim that is there. */
export interface Claimant {
  holder: Holder;
  /** Whether an operation of this very process holds the stack: the end of an earlier one may not have been noted. */
  holds: boolean;
  /** Whether everybody who uses the ledger is on this machine. */
  isAlone: boolean;
}

/** Whether a claim is of a machine of which nobody here can tell what is alive: its lease decides. */
export function isElsewhere(claim: Pick<Claim, 'host'>, { holder, isAlone }: Omit<Claimant, 'holds'>): boolean {
  return !isAlone && claim.host !== holder.host;
}

/** Whether a process has made a claim. */
export function isOwnedBy({ owner }: Pick<Claim, 'owner'>, { owner: process }: Pick<Holder, 'owner'>): boolean {
  return owner.pid === process.pid && owner.started === process.started;
}

/** How a claim that is there passes to who asks for the stack; undefined while it counts. */
export function judgeClaim(present: Claim, claimant: Claimant): Succession | undefined {
  if (isElsewhere(present, claimant)) return present.isLeaseOver ? 'supersede' : undefined;
  if (isOwnedBy(present, claimant.holder)) {
    // Under a new token: what still wants to note the end of the earlier operation must not free this one.
    return claimant.holds ? undefined : 'resume';
  }
  return isAlive(present.owner) ? undefined : 'inherit';
}
