import type { RevisionRef } from '../service/revision.ts';
import type { StrategySpec } from '../service/strategy.ts';
import { type Step, planRollout } from './plan.ts';

/*
 * A baseline is a fresh copy of the live revision, which stands beside the new one while the two are compared: as new, as
 * cold and under as much traffic. It is a revision of its own, with a number and a stack, and never live.
 */

/** What the live revision keeps in every step below 100 %, in percent: traffic goes back to it, so it is never without. */
const LEAST_OF_LIVE = 1;

/**
 * The baseline's share beside a new revision's, in percent: the same, or as much of the rest as the live revision does not keep. None where
 * the new revision has none, or leaves none.
 */
export function computeBaselineShare(weight: number): number {
  return weight > 0 ? Math.max(0, Math.min(weight, 100 - LEAST_OF_LIVE - weight)) : 0;
}

/** Whether something is compared with a baseline in a step, where its rollout has one. */
export function isCompared({ weight }: Pick<Step, 'weight'>): boolean {
  return computeBaselineShare(weight) > 0;
}

/** Whether a strategy demands a fresh baseline. */
export function needsBaseline(strategy: StrategySpec): boolean {
  return strategy.analysis?.compare?.baseline === 'fresh' && planRollout(strategy).some(isCompared);
}

/** The same release under a number of its own. */
export function buildBaseline(live: RevisionRef, number: number): RevisionRef {
  return { ...live, number };
}
