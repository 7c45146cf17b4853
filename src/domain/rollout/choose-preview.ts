import { type StrategySpec, readPreviewAddress } from '../service/strategy.ts';
import type { Step } from './plan.ts';
import type { RolloutKind } from './rollout.ts';

/** Whether a rollout's revision is looked at before it has traffic: going back waits for nobody who looks. */
export function isPreviewed(kind: RolloutKind, strategy: StrategySpec): boolean {
  return kind === 'deploy' && readPreviewAddress(strategy) !== undefined;
}

/** Whether the preview address still leads to the revision in a step: it does until the first traffic, whoever has that. */
export function isPreviewedInStep({ audience }: Pick<Step, 'audience'>): boolean {
  return audience === 'inspection';
}
