import { formatDuration } from '../duration.ts';
import type { AnalysisSpec } from '../evidence/judge/analysis-spec.ts';
import type { MetricSpec } from '../evidence/metric-spec.ts';
import { type CohortRule, describeCohort } from '../traffic/cohort.ts';

/** How traffic moves to a new revision. One member for each strategy there is; `domain/rollout/plan.ts` has its steps. */
export type StrategySpec = BlueGreenSpec | CanarySpec | LinearSpec | ExponentialSpec;

/** All traffic at once. */
export interface BlueGreenSpec extends StrategyTerms {
  kind: 'blue-green';
  /** The new revision can be looked at before it has any traffic; not unless told. */
  inspection?: InspectionSpec;
  /** An address of its own at which the new revision is looked at before it has any traffic; none unless told. */
  preview?: PreviewAddressSpec;
}

export interface PreviewAddressSpec {
  /** Kept from rollout to rollout; a free one unless told. */
  port?: number;
}

/** Before it has traffic, a revision answers requests that ask for it by name. */
export interface InspectionSpec {
  /** For how long, in milliseconds, unless somebody promotes it sooner. */
  holdMs: number;
  /** What follows where nobody has promoted it by then, and it has stayed healthy. */
  then: InspectionEnd;
}

export const INSPECTION_ENDS = ['promote', 'abort'] as const;
export type InspectionEnd = (typeof INSPECTION_ENDS)[number];

/** The progress deadline of Kubernetes and Argo Rollouts; promoted then, as Argo's `autoPromotionSeconds` has it. */
export const INSPECTION_DEFAULTS: InspectionSpec = { holdMs: 600_000, then: 'promote' };

/** Requests that the new revision gets before it has a share of all, and keeps through all shares. */
export interface CohortSpec extends CohortRule {
  /** How long the new revision has to stay healthy with them alone, in milliseconds. */
  bakeMs: number;
  /** How many of them there must have been; any number unless told. */
  leastRequests?: number;
}

/** Step by step, as listed; then all of it. */
export interface CanarySpec extends StrategyTerms {
  kind: 'canary';
  /** Their weights rise. */
  steps: CanaryStep[];
}

/** Equal shares, one after the other, up to all of it. */
export interface LinearSpec extends StrategyTerms {
  kind: 'linear';
  /** How much more the new revision gets each time, in percent: 1 to 99. */
  step: number;
  /** How long it has to stay healthy with each share, in milliseconds. */
  everyMs: number;
}

/** A share that doubles, up to all of it: growth × 2^n, as AWS AppConfig has it. */
export interface ExponentialSpec extends StrategyTerms {
  kind: 'exponential';
  /** The first share, in percent: 1 to 99. */
  growth: number;
  /** How long it has to stay healthy with each share, in milliseconds. */
  everyMs: number;
}

/** A step of a canary before it has all traffic. */
export interface CanaryStep {
  /** Share of new requests, a whole number from 1 to 99. */
  weight: number;
  /** How long the new revision has to stay healthy with it, in milliseconds. */
  bakeMs: number;
  /** How many requests it must have had with it; the strategy's own number unless told. */
  leastRequests?: number;
}

/** What every strategy says, whatever its steps are. */
export interface StrategyTerms extends StepJudges {
  /** How long the new revision must stay healthy with all traffic before the rollout settles, in milliseconds. */
  bakeMs: number;
  /** How many requests it must have had in each bake, the last one included; any number unless told. */
  leastRequests?: number;
  /** For how long a bake goes on after its time where they have not come, in milliseconds; {@link DEFAULT_WAIT_FOR_REQUESTS_MS} unless told. */
  waitForRequestsMs?: number;
  /** Who has the new revision first; nobody unless told. */
  cohort?: CohortSpec;
}

/** What the new revision is judged by in every bake, beside its checks. */
export interface StepJudges {
  /** What it may see of the new revision and still pass; {@link NO_FAILURES} unless told. */
  failureLimit?: FailureLimit;
  /** CloudWatch alarms, by name, that have to stay quiet meanwhile. */
  alarms?: string[];
  /** Numbers that have to be within limits meanwhile. */
  metrics?: MetricSpec[];
  /** What the router counts of it, against a limit and against what is live. */
  analysis?: AnalysisSpec;
}

/** Of what may say more: the judges alone. */
export function pickJudges({ failureLimit, alarms, metrics, analysis }: StepJudges): StepJudges {
  return {
    ...(failureLimit ? { failureLimit } : {}),
    ...(alarms ? { alarms } : {}),
    ...(metrics ? { metrics } : {}),
    ...(analysis ? { analysis } : {}),
  };
}

/** Ten seconds of real traffic show a process that dies of its first requests, and cost a person little patience. */
export const DEFAULT_BAKE_MS = 10_000;

/** The progress deadline of Kubernetes, Argo Rollouts and Flagger: a rollout that stands still for so long has failed. */
export const DEFAULT_WAIT_FOR_REQUESTS_MS = 600_000;

/** What a bake forgives, beside failed checks, of which it forgives none. */
export interface FailureLimit {
  /** Requests that the revision left without an answer: so many, or a share of all, such as `0.1%`. */
  unansweredRequests: number | `${number}%`;
  /** How often its processes may end and be started again. */
  restarts: number;
}

/** As Argo Rollouts has it: nothing may fail unless a limit says so. */
export const NO_FAILURES: FailureLimit = { unansweredRequests: 0, restarts: 0 };

/** How many of so many requests a limit lets go unanswered. A share that is not 0 allows one, however few there were. */
export function countAllowedUnanswered({ unansweredRequests: limit }: FailureLimit, served: number): number {
  if (typeof limit === 'number') return limit;
  const share = Number.parseFloat(limit);
  // In thousandths of a percent, since 0.1 % of 1,000 has to be 1.
  return share === 0 ? 0 : Math.max(1, Math.floor((Math.round(share * 1_000) * served) / 100_000));
}

const WORDS: { [Kind in StrategySpec['kind']]: (strategy: Extract<StrategySpec, { kind: Kind }>) => string } = {
  'blue-green': () => 'all traffic at once',
  canary: ({ steps }) => steps.map(({ weight, bakeMs }) => `${weight} % for ${formatDuration(bakeMs)}`).join(', '),
  linear: ({ step, everyMs }) => `${step} % more every ${formatDuration(everyMs)}`,
  exponential: ({ growth, everyMs }) => `${growth} %, doubled every ${formatDuration(everyMs)}`,
};

function describeCohortStep({ bakeMs, leastRequests, ...rule }: CohortSpec): string {
  const least = leastRequests === undefined ? '' : ` (${leastRequests} at least)`;
  return `${describeCohort(rule)} for ${formatDuration(bakeMs)}${least}`;
}

function describePreviewAddress({ port }: PreviewAddressSpec): string {
  return port === undefined ? 'a preview address' : `a preview address at port ${port}`;
}

/** The preview address that a strategy has, whichever it is. */
export function readPreviewAddress(strategy: StrategySpec): PreviewAddressSpec | undefined {
  return strategy.kind === 'blue-green' ? strategy.preview : undefined;
}

/** How traffic moves, in words: `5 % for 10m, 50 % for 1h`. */
export function describeMoves(strategy: StrategySpec): string {
  const { cohort } = strategy;
  const { inspection, preview } = strategy.kind === 'blue-green' ? strategy : {};
  return [
    ...(preview ? [describePreviewAddress(preview)] : []),
    ...(inspection ? [`an inspection for ${formatDuration(inspection.holdMs)} (then ${inspection.then})`] : []),
    ...(cohort ? [describeCohortStep(cohort)] : []),
    (WORDS[strategy.kind] as (strategy: StrategySpec) => string)(strategy),
  ].join(', ');
}
