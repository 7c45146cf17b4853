import type { RolloutKind } from '../rollout/rollout.ts';
import type { FreezeSpec } from '../service/service.ts';

/**
 * What becomes of a rollout that cannot go on.
 * - `put-back`: what was done is undone, latest first. Traffic that was moved goes back to what was live before.
 * - `freeze`: nothing is undone and nothing destroyed. Traffic stays as it is, and a person decides.
 */
export type Aftermath = 'put-back' | 'freeze';

/** How a rollout stands that cannot go on. */
export interface Stop {
  kind: RolloutKind;
  /** A person, or another rollout that somebody asked for, ends it: no failure does. */
  isCalledOff: boolean;
  /** What it brings in has traffic, or may have. */
  hasTraffic: boolean;
}

/**
 * There is no rollback of a rollback: what a rollback leaves was left for a reason, and nothing that happens meanwhile
 * makes it any better. So once the revision that is gone back to has traffic, only a person gives that to what was fled from.
 * Before, nothing has moved, and nothing is given to anybody by undoing the rest.
 *
 * @param freeze of the service's description: its changes do not go back by themselves either
 */
export function decideAftermath({ kind, isCalledOff, hasTraffic }: Stop, freeze: FreezeSpec | undefined): Aftermath {
  if (isCalledOff || !hasTraffic) return 'put-back';
  return mayGoBack(kind, freeze) ? 'put-back' : 'freeze';
}

/** Whether a rollout gives traffic back by itself. */
export function mayGoBack(kind: RolloutKind, freeze: FreezeSpec | undefined): boolean {
  return kind !== 'rollback' && freeze === undefined;
}

/** Seven days: a long weekend, and some days on which somebody is there to decide. */
export const DEFAULT_FREEZE: FreezeSpec = { forMs: 7 * 24 * 3_600_000, then: 'abort' };

/** How a frozen rollout ends by itself. A rollback never does so by giving traffic to what it left. */
export function readFreeze(kind: RolloutKind, freeze: FreezeSpec = DEFAULT_FREEZE): FreezeSpec {
  return kind === 'rollback' ? { ...freeze, then: 'promote' } : freeze;
}

/** What a person, or the end of the wait, makes of what failed: it is done again, or counts as passed. */
export type FreezeDecision = 'retry' | 'promote';

/** What follows, in words, where nobody decides. */
export const FREEZE_ENDS: Record<FreezeSpec['then'], string> = {
  abort: 'the rollout is put back',
  promote: 'what failed counts as passed, and the rollout goes on',
};
