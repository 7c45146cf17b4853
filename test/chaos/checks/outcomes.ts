import type { RolloutOutcome } from '../../../src/domain/rollout/rollout.ts';
import { type End, describeEnd } from '../insist.ts';
import type { Finding } from '../findings.ts';
import type { Decision } from '../guards/approver.ts';
import { expectOutcome } from '../guards/outcomes.ts';
import type { Answer } from '../life.ts';
import type { Behaviour, FaultKind, PlannedFault, ProviderFault } from '../plan.ts';

export interface Ended {
  answer: Answer;
  how: End | undefined;
  /** Why there is none. */
  error?: string;
}

const OUGHT: Record<Behaviour, RolloutOutcome[]> = {
  good: ['succeeded'],
  slow: ['succeeded'],
  unhealthy: ['failed'],
  deaf: ['failed'],
  // It only sickens under traffic, of which there is none while the router is down.
  sickens: ['rolled-back', 'succeeded'],
};

const FATAL = new Set<ProviderFault | undefined>(['create-then-error', 'throttle']);

/**
 * After these a good revision may fail: a power cut ends the services' own processes, in the middle of a check or a bake
 * too, and on a full disk nothing can be made.
 */
const BAD_LUCK: FaultKind[] = ['power-cut', 'disk-full'];

/** While users get nothing answered an analysis has nothing to go by, which is no pass. */
const SILENCE: FaultKind[] = ['router-killed', 'router-restarted', 'dev-killed', 'power-cut', 'clock-jumped'];

/** Whether what has struck may have kept users' requests away. */
export function isSilent(faults: readonly Pick<PlannedFault, 'kind'>[]): boolean {
  return faults.some(({ kind }) => SILENCE.includes(kind));
}

/** Whether what has struck may fail a good revision. */
export function isBadLuck(faults: readonly Pick<PlannedFault, 'kind'>[]): boolean {
  return faults.some(({ kind }) => BAD_LUCK.includes(kind));
}

/** Whether what is live may be such that a fresh copy of it cannot be made, or sickens: that ends the rollout, too. */
function isCopyFaulty(ended: readonly Ended[], { wish }: Answer): boolean {
  if (wish.do !== 'deploy' || !wish.ramp?.isFresh) return false;
  const isFaulty = (other: Answer['wish']): boolean =>
    other.do === 'deploy' && (other.behaviour === 'sickens' || FATAL.has(other.provider));
  return ended.some(({ answer }) => answer.wish !== wish && isFaulty(answer.wish));
}

/** What may have been in the way of revisions that deserve better. */
export interface Luck {
  isUnlucky: boolean;
  isSilent: boolean;
  /** What people have said of gates. */
  decisions?: readonly Decision[];
}

/** Whether every rollout came to an end, and to one that its revision deserves. */
export function outcomeFindings(
  { isUnlucky, isSilent: hadNoUsers, decisions = [] }: Luck,
  ended: readonly Ended[],
): Finding[] {
  const aborts = ended.some(({ answer }) => answer.wish.do === 'abort' && 'effect' in answer);
  // A rollback to what is not warm any more moves traffic as the service was described last.
  const isJudged = ended.some(({ answer: { wish } }) => wish.do === 'deploy' && wish.ramp?.judge === 'analysis');
  // It passes all gates.
  const isPromoted = ended.some(({ answer }) => answer.wish.do === 'promote' && answer.wish.full && 'effect' in answer);
  // Going back does not wait for what it leaves.
  const rollbacks = ended.flatMap(({ answer }) =>
    answer.wish.do === 'rollback' && 'receipt' in answer ? [answer.receipt.rollout] : [],
  );
  return ended.flatMap(({ answer, how, error }): Finding[] => {
    if (!('receipt' in answer) || answer.receipt.unchanged) return [];
    const name = `rollout ${answer.receipt.rollout} (${answer.wish.do} ${answer.behaviour ?? ''})`;
    if (how === undefined) return [{ kind: 'stuck', text: `${name}: ${error ?? 'no outcome'}` }];
    const ought = new Set<RolloutOutcome>(answer.behaviour ? OUGHT[answer.behaviour] : ['succeeded', 'failed']);
    // What a provider refuses for good fails its revision; it has made no difference where nothing was left to create.
    if ('provider' in answer.wish && FATAL.has(answer.wish.provider)) ought.add('failed');
    const { rollout } = answer.receipt;
    if (aborts || rollbacks.some((later) => later > rollout)) ought.add('aborted');
    if (isUnlucky) for (const also of ['failed', 'rolled-back'] as const) ought.add(also);
    // On a busy machine a short step may be over when the first look at it is made: no data is never a pass.
    const sawNobody = how.because?.includes('had 0 requests') ?? false;
    if (isJudged && (hadNoUsers || sawNobody)) ought.add('rolled-back');
    if (isCopyFaulty(ended, answer)) for (const also of ['failed', 'rolled-back'] as const) ought.add(also);
    if (answer.wish.do === 'deploy' && answer.wish.guards) {
      const own = decisions.filter((decision) => decision.rollout === rollout);
      const { isStopped, also } = expectOutcome(answer.wish.guards, own);
      if (isStopped && !isPromoted) ought.delete('succeeded');
      for (const each of also) ought.add(each);
    }
    if (ought.has(how.outcome)) return [];
    return [{ kind: 'wrong', text: `${name} has ${describeEnd(how)}, not ${[...ought].join(' or ')}` }];
  });
}
