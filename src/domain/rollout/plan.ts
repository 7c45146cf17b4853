import type { MetricSpec } from '../evidence/metric-spec.ts';
import type { FailureLimit, StrategySpec } from '../service/service.ts';

/**
 * One move of a rollout's plan: how much traffic the new revision gets, and how long it has to stay healthy with it before
 * the next one. Blue-green is a plan of one step.
 */
export interface Step {
  /** Share of new requests, a whole number from 1 to 100. */
  weight: number;
  /** In milliseconds; 0 where nothing is waited for. */
  bakeMs: number;
  /** What may fail meanwhile; nothing unless told. */
  failureLimit?: FailureLimit;
  /** Alarms that have to stay quiet meanwhile. */
  alarms?: string[];
  /** Numbers that have to be within limits meanwhile. */
  metrics?: MetricSpec[];
}

/** Each step writes the route once, and a rollout's generations have an end. */
export const MOST_STEPS = 100;

/** How traffic moves to a new revision, step by step. */
export function planRollout(strategy: StrategySpec): Step[] {
  return PLANS[strategy.kind](strategy);
}

const PLANS: { [Kind in StrategySpec['kind']]: (strategy: Extract<StrategySpec, { kind: Kind }>) => Step[] } = {
  'blue-green': ({ bakeMs, failureLimit, alarms, metrics }) => [
    {
      ...{ weight: 100, bakeMs },
      ...(failureLimit ? { failureLimit } : {}),
      ...(alarms ? { alarms } : {}),
      ...(metrics ? { metrics } : {}),
    },
  ],
};

/** A step with its place in its plan. */
export interface PlannedStep extends Step {
  /** From 1 on. */
  number: number;
  /** How many there are. */
  of: number;
}

/** What a plan has to do with. */
export interface PlanFacts {
  /** The new revision has been live before, and has been running since. */
  isWarm: boolean;
  /** A revision is live that can have the rest of the traffic meanwhile. */
  hasPrevious: boolean;
}

/**
 * The plan as it can be carried out. A revision that was live before takes all traffic at once: going back must not take
 * long. Where nothing is live there is nobody to have the rest, so the new revision gets all from the beginning, and bakes
 * as long as it would have at the end.
 */
export function fitPlan(plan: readonly Step[], { isWarm, hasPrevious }: PlanFacts): PlannedStep[] {
  const steps = isWarm ? [{ weight: 100, bakeMs: 0 }] : hasPrevious ? plan : plan.slice(-1);
  return steps.map((step, index) => ({ number: index + 1, of: steps.length, ...step }));
}

/**
 * Where a plan of several steps is: `step 2 of 3, with 50 % of the traffic`. Undefined where none of them is under way, and
 * where there is but one, of which the phases say all.
 */
export function describePlanPosition(
  steps: readonly (Pick<Step, 'weight'> & { number: number; state: string })[],
): string | undefined {
  const current = steps.find(({ state }) => state === 'running');
  if (!current || steps.length < 2) return undefined;
  return `step ${current.number} of ${steps.length}, with ${current.weight} % of the traffic`;
}

/** What is wrong with a plan, all of it; empty when it may be carried out. */
export function findPlanFaults(plan: readonly Step[]): string[] {
  const faults: string[] = [];
  if (plan.length === 0 || plan.length > MOST_STEPS) faults.push(`it has ${plan.length} steps; use 1 to ${MOST_STEPS}`);
  for (const [index, { weight, bakeMs }] of plan.entries()) {
    const name = `step ${index + 1}`;
    if (!Number.isInteger(weight) || weight < 1 || weight > 100) {
      faults.push(`${name} has weight ${weight}; use a whole number from 1 to 100`);
    } else if (weight < (plan[index - 1]?.weight ?? 0)) {
      faults.push(`${name} takes traffic back: ${weight} after ${plan[index - 1]?.weight}`);
    }
    if (!Number.isSafeInteger(bakeMs) || bakeMs < 0) faults.push(`${name} bakes ${bakeMs} ms; use 0 or more`);
  }
  const last = plan.at(-1);
  if (last && last.weight !== 100) faults.push(`its last step has weight ${last.weight}; use 100`);
  return faults;
}
