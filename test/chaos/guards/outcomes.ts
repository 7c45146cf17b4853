import { isPastReturn } from '../../../src/domain/hooks/hook.ts';
import type { RolloutOutcome } from '../../../src/domain/rollout/rollout.ts';
import type { Decision } from './approver.ts';
import type { Guards } from './plan.ts';

/** What follows for a deployment from its gates and hooks. */
export interface GuardedOutcome {
  /** It may not succeed, whatever its revision deserves. */
  isStopped: boolean;
  also: RolloutOutcome[];
}

/** @param decisions of people on this deployment */
export function expectOutcome({ gate, hooks }: Guards, decisions: readonly Decision[]): GuardedOutcome {
  const isRejected = decisions.some(({ verb, refused }) => verb === 'reject' && refused === undefined);
  const isIgnored = gate?.kind === 'approval' && gate.fate === 'ignored' && gate.then === 'rollback';
  const isRefused = gate?.kind === 'webhook' && gate.fate === 'refused';
  const isFailed = hooks.some((hook) => hook.style === 'fails' && hook.onFailure === 'rollback' && !isPastReturn(hook));
  const isPutBack = isIgnored || isRefused || isFailed;
  return {
    isStopped: isRejected || isPutBack,
    also: [...(isRejected ? (['aborted'] as const) : []), ...(isPutBack ? (['failed', 'rolled-back'] as const) : [])],
  };
}
