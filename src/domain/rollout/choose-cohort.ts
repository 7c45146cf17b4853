import type { StrategySpec } from '../service/strategy.ts';
import { type CohortRule, buildInspectionRule } from '../traffic/cohort.ts';
import type { Step } from './plan.ts';

/**
 * Which requests the new revision gets in a step beside its share of all: those that ask for it while it is inspected, and
 * the cohort's from its own step on, until it has all traffic anyway.
 */
export function chooseCohort(
  { weight, audience }: Pick<Step, 'weight' | 'audience'>,
  { cohort }: Pick<StrategySpec, 'cohort'>,
  revision: number,
): CohortRule | undefined {
  if (audience === 'inspection') return buildInspectionRule(revision);
  if (weight === 100 || !cohort) return undefined;
  const { header, cookie } = cohort;
  return { ...(header ? { header } : {}), ...(cookie ? { cookie } : {}) };
}
