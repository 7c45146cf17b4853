import { ApplicationFailure, CancellationScope, currentUpdateInfo } from '@temporalio/workflow';
import type { TakenVerb } from '../../activities/commands.ts';
import { CLAIM_EXAMPLE, type Claim, findClaimRefusal, nameClaimant, readClaim } from '../../domain/gates/claim.ts';
import type { GateStatus } from '../../domain/gates/status.ts';
import type { RolloutVerb, Stage } from '../../domain/rollout/verbs.ts';
import type { CommandRef, RolloutRef } from '../../domain/service/requests.ts';
import { lookUp } from '../shared/activities.ts';
import { requireOnTime } from '../shared/refusals.ts';

/** What a verb of a rollout is sent: the name of a recorded command, or what somebody has entered in the Temporal UI. */
export type Sent = CommandRef | Claim;

/** Where a rollout is when it is asked. */
interface Standing {
  gates: readonly GateStatus[];
  stage: Stage;
}

/** The verbs that take what people send from the Temporal UI, where a gate says so. */
const CLAIMABLE: readonly RolloutVerb[] = ['approve', 'reject'];

/**
 * Before it is accepted: refused here it leaves no trace in the history.
 *
 * @throws ApplicationFailure `Invalid` with all that is wrong with it, `Refused` where what the Temporal UI sends does not count now
 */
export function admitSent(verb: RolloutVerb, sent: Sent, standing: Standing): void {
  const claim = findClaim(verb, sent);
  if (claim) requireClaimable(verb, standing);
  else requireOnTime(sent as CommandRef);
}

/** Who asks, and why: by the record, or by what the sender says. */
export function takeSent(ref: RolloutRef, verb: RolloutVerb, sent: Sent): Promise<TakenVerb> {
  const claim = findClaim(verb, sent);
  const take = (): Promise<TakenVerb> => {
    if (!claim)
      return lookUp('takeVerb', `who asks to ${verb}?`, [{ ref, verb, command: (sent as CommandRef).command }]);
    const update = currentUpdateInfo()?.id ?? '';
    return lookUp('takeClaim', `${nameClaimant(claim)} says ${verb}`, [{ ref, verb, claim, update }]);
  };
  return CancellationScope.nonCancellable(take);
}

/** @throws ApplicationFailure `Refused` where no gate that waits takes what the Temporal UI sends */
export function requireClaimable(verb: RolloutVerb, { gates, stage }: Standing): void {
  const refusal = findClaimRefusal(gates);
  if (refusal !== undefined) throw createRefusedFailure(verb, stage, refusal);
}

/** What a verb is refused with where it is not legal, or counts for nothing. */
export function createRefusedFailure(verb: RolloutVerb, stage: Stage, because: string): ApplicationFailure {
  const message = `cannot ${verb} in phase ${stage}: ${because}`;
  return ApplicationFailure.create({ type: 'Refused', message, nonRetryable: true });
}

function findClaim(verb: RolloutVerb, sent: unknown): Claim | undefined {
  const claim = CLAIMABLE.includes(verb) ? readClaim(sent) : undefined;
  if (!claim || !('faults' in claim)) return claim;
  const message = `this takes ${claim.faults.join('; ')}. For example ${CLAIM_EXAMPLE}`;
  throw ApplicationFailure.create({ type: 'Invalid', message, nonRetryable: true });
}
