import {
  type CanaryStep,
  DEFAULT_WAIT_FOR_REQUESTS_MS,
  type StepJudges,
  type StrategySpec,
  pickJudges,
} from '../service/strategy.ts';

/**
 * One move of a rollout's plan: how much traffic the new revision gets, and how long it has to stay healthy with it before
 * the next one. Blue-green is a plan of one step.
 */
export interface Step {
  /** Share of new requests, a whole number from 1 to 100; 0 in a first step that is for an audience alone. */
  weight: number;
  /** In milliseconds; 0 where nothing is waited for. */
  bakeMs: number;
  /** Without so many the bake goes on after its time. */
  requests?: RequestsDemand;
  /** Who has the new revision in a step of weight 0. */
  audience?: Audience;
  /** The rollout goes back at the end of the bake, unless somebody has promoted it by then. */
  needsPromotion?: true;
}

/**
 * Those who have the new revision before it has a share of the traffic.
 * - `cohort`: requests with a header or cookie that the strategy names.
 * - `inspection`: requests that ask for the revision by its number, to look at it.
 */
export const AUDIENCES = ['cohort', 'inspection'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** How long a step's bake may last, in milliseconds: its time, and the wait for requests that it needs. */
export function computeLongestBakeMs({ bakeMs, requests }: Step): number {
  return bakeMs + (requests?.waitMs ?? 0);
}

/** What a bake has to have seen before anything can be said of it. */
export interface RequestsDemand {
  /** How many requests the new revision must have had in this step. */
  least: number;
  /** For how long they are waited for after the bake's time, in milliseconds. No data is never a pass. */
  waitMs: number;
}

/** Each percent once. */
const MOST_SHARES = 100;

/** Each step writes the route once, and a rollout's generations have an end. An audience comes before all shares. */
export const MOST_STEPS = MOST_SHARES + 1;

/** How traffic moves to a new revision, step by step: up to all of it, whatever the strategy. */
export function planRollout(strategy: StrategySpec): Step[] {
  const { bakeMs, leastRequests, waitForRequestsMs: waitMs = DEFAULT_WAIT_FOR_REQUESTS_MS } = strategy;
  const moves = (MOVES[strategy.kind] as (strategy: StrategySpec) => CanaryStep[])(strategy);
  const shares = [...moves, { weight: 100, bakeMs }].map(
    ({ leastRequests: least = leastRequests, ...move }: CanaryStep) => ({
      ...move,
      // Where nothing is waited for, nothing has to come meanwhile.
      ...(least === undefined || move.bakeMs === 0 ? {} : { requests: { least, waitMs } }),
    }),
  );
  return [...listAudienceSteps(strategy, waitMs), ...shares];
}

/** Before any share. What the strategy demands of every bake is for shares of all traffic: an audience may be a few people. */
function listAudienceSteps(strategy: StrategySpec, waitMs: number): Step[] {
  if (strategy.kind === 'blue-green' && strategy.inspection) {
    const { holdMs, then } = strategy.inspection;
    const audience = 'inspection' as const;
    return [{ weight: 0, bakeMs: holdMs, audience, ...(then === 'abort' ? { needsPromotion: true as const } : {}) }];
  }
  if (!strategy.cohort) return [];
  const { bakeMs, leastRequests: least } = strategy.cohort;
  const demand = least === undefined ? {} : { requests: { least, waitMs } };
  return [{ weight: 0, bakeMs, audience: 'cohort', ...demand }];
}

/** What each strategy does before all traffic is on the new revision. */
const MOVES: { [Kind in StrategySpec['kind']]: (strategy: Extract<StrategySpec, { kind: Kind }>) => CanaryStep[] } = {
  'blue-green': () => [],
  canary: ({ steps }) => steps,
  linear: ({ step, everyMs }) => listShares((n) => step * n).map((weight) => ({ weight, bakeMs: everyMs })),
  exponential: ({ growth, everyMs }) =>
    listShares((n) => growth * 2 ** (n - 1)).map((weight) => ({ weight, bakeMs: everyMs })),
};

/** The shares below 100 %, from the first on. Ends whatever it is given: what was checked nowhere is refused as a plan. */
function listShares(shareOf: (n: number) => number): number[] {
  const shares: number[] = [];
  for (let n = 1; shareOf(n) < 100 && n < MOST_SHARES; n += 1) shares.push(shareOf(n));
  return shares;
}

/** A step with its place in its plan, and what judges its bake. */
export interface PlannedStep extends Step, StepJudges {
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
  /** It goes back to a revision that was live once. */
  isBack?: boolean;
  /** What every bake is judged by; its checks alone unless told. */
  judges?: StepJudges;
}

/**
 * The plan as it can be carried out. A revision that was live before takes all traffic at once: going back must not take
 * long; one whose stack has gone goes through all shares, and waits for no audience. Where nothing is live there is nobody to
 * have the rest, so the new revision gets all from the beginning, and bakes as long as it would have at the end, however few
 * requests come: it may have no users yet.
 */
export function fitPlan(
  plan: readonly Step[],
  { isWarm, hasPrevious, isBack = false, judges = {} }: PlanFacts,
): PlannedStep[] {
  const shares = isBack ? plan.filter(({ audience }) => audience === undefined) : plan;
  const steps = isWarm ? [{ weight: 100, bakeMs: 0 }] : hasPrevious ? shares : plan.slice(-1).map(withoutDemand);
  return steps.map((step, index) => ({
    ...{ number: index + 1, of: steps.length },
    ...(step.audience === 'inspection' ? withoutFigures(judges) : judges),
    ...step,
  }));
}

/** Whoever inspects a revision sends a handful of requests: figures would be undecided for want of data. */
function withoutFigures({ failureLimit, alarms }: StepJudges): StepJudges {
  return pickJudges({ ...(failureLimit ? { failureLimit } : {}), ...(alarms ? { alarms } : {}) });
}

function withoutDemand({ weight, bakeMs }: Step): Step {
  return { weight, bakeMs };
}

/** What the new revision has in a step: `10 %`, or in words who has it. */
export function describeShare({ weight, audience }: Pick<Step, 'weight' | 'audience'>): string {
  return audience ?? `${weight} %`;
}

/**
 * Where a plan of several steps is: `step 2 of 3, with 50 % of the traffic`. Undefined where none of them is under way, and
 * where there is but one, of which the phases say all.
 */
export function describePlanPosition(
  steps: readonly (Pick<Step, 'weight' | 'audience'> & { number: number; state: string })[],
): string | undefined {
  const current = steps.find(({ state }) => state === 'running');
  if (!current || steps.length < 2) return undefined;
  const has =
    current.audience === undefined ? `with ${current.weight} % of the traffic` : `for the ${current.audience} alone`;
  return `step ${current.number} of ${steps.length}, ${has}`;
}

/** What is wrong with a plan, all of it; empty when it may be carried out. */
export function findPlanFaults(plan: readonly Step[]): string[] {
  const faults: string[] = [];
  if (plan.length === 0 || plan.length > MOST_STEPS) faults.push(`it has ${plan.length} steps; use 1 to ${MOST_STEPS}`);
  for (const [index, { weight, bakeMs, requests, audience }] of plan.entries()) {
    const name = `step ${index + 1}`;
    if (audience !== undefined) faults.push(...findMisplacedAudience(name, { index, weight, audience }));
    else if (!Number.isInteger(weight) || weight < 1 || weight > 100) {
      faults.push(`${name} has weight ${weight}; use a whole number from 1 to 100`);
    } else if (weight < (plan[index - 1]?.weight ?? 0)) {
      faults.push(`${name} takes traffic back: ${weight} after ${plan[index - 1]?.weight}`);
    }
    if (!Number.isSafeInteger(bakeMs) || bakeMs < 0) faults.push(`${name} bakes ${bakeMs} ms; use 0 or more`);
    if (requests && !isDemand(requests)) {
      faults.push(
        `${name} waits ${requests.waitMs} ms for ${requests.least} requests; use 1 or more, and 0 ms or more`,
      );
    }
  }
  const last = plan.at(-1);
  if (last && last.weight !== 100) faults.push(`its last step has weight ${last.weight}; use 100`);
  return faults;
}

function findMisplacedAudience(
  name: string,
  { index, weight, audience }: { index: number; weight: number; audience: string },
): string[] {
  const isKnown = (AUDIENCES as readonly string[]).includes(audience);
  return [
    ...(isKnown ? [] : [`${name} is for ${audience}; use ${AUDIENCES.join(' or ')}`]),
    ...(index === 0 ? [] : [`${name} is for ${audience} alone; only the first step can be`]),
    ...(weight === 0 ? [] : [`${name} is for ${audience} alone and has weight ${weight}; use 0`]),
  ];
}

function isDemand({ least, waitMs }: RequestsDemand): boolean {
  return Number.isSafeInteger(least) && least > 0 && Number.isSafeInteger(waitMs) && waitMs >= 0;
}
