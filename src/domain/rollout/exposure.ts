import { formatDuration } from '../duration.ts';
import { heartbeatTimeoutMs } from '../heartbeats.ts';
import { readSettleMs } from '../service/router.ts';
import type { RouterSpec } from '../service/service.ts';
import { REVISION_NAME } from '../traffic/cohort.ts';
import { isCompared } from './baseline.ts';
import { type Audience, type Step, computeLongestBakeMs, describeShare } from './plan.ts';

/*
 * Exposure is how much of the traffic a new revision has, times how long, given as time of full traffic: 10 % for ten
 * minutes are one minute. It is what a bad revision costs before its traffic is taken back, in one number. Nobody knows what
 * part of the traffic a cohort is, so it is none of it, and is told apart.
 */

/** What a plan comes to, before it is carried out. All in milliseconds, from when traffic first moves. */
export interface PlanOutline {
  /** The share of each step, in percent, in order. */
  weights: number[];
  /** Who has the new revision in the first step, where that is an audience alone, at weight 0. */
  audience?: Audience;
  /** When the new revision is settled on at the earliest, unless a person promotes it. */
  earliestMs: number;
  /** How long after the beginning of a step traffic is back at the latest, where the revision proves bad in it. */
  longestDetectMs: number;
  /** The most exposure there can be, whenever the revision proves bad; pauses and lost workers come on top. */
  worstExposureMs: number;
  /** For how long a fresh baseline has traffic at most, pauses aside: so long there is one more stack. Absent where there is none. */
  baselineMs?: number;
  /** The new revision answers at the service's preview address before it has traffic. */
  hasPreview?: true;
}

/**
 * The write of a step's weights, the last look of its bake, and what is recorded of both, in milliseconds. Measured are tens
 * of milliseconds; looks may take the time-outs of their checks.
 */
const WORK_MS = 10_000;

/** What a step may take beside its bake, in milliseconds: its own work, and until it is noticed that a machine is lost. */
export function computeAllowanceMs(step: Step): number {
  const lastsMs = computeLongestBakeMs(step);
  return WORK_MS + (lastsMs === 0 ? 0 : heartbeatTimeoutMs(lastsMs));
}

/** What a plan comes to at a router. What is not seen in the looks is seen at the end of a bake, so that counts as the latest. */
export function outlinePlan(
  steps: readonly Step[],
  router: RouterSpec,
  { hasBaseline = false, hasPreview = false }: { hasBaseline?: boolean; hasPreview?: boolean } = {},
): PlanOutline {
  const settled = steps.map((step) => ({ ...step, settleMs: readSettleMs(router, { isLast: step.weight === 100 }) }));
  const longest = settled.map((step) => step.settleMs + computeLongestBakeMs(step) + computeAllowanceMs(step));
  const backMs = readSettleMs(router, { isLast: true });
  const compared = steps.findLastIndex(isCompared) + 1;
  const exposed = steps.map(({ weight }, index) => (weight * (longest[index] ?? 0)) / 100);
  return {
    weights: steps.map(({ weight }) => weight),
    ...(steps[0]?.audience === undefined ? {} : { audience: steps[0].audience }),
    earliestMs: sum(settled.map(({ settleMs, bakeMs }) => settleMs + bakeMs)),
    longestDetectMs: Math.max(0, ...longest) + backMs,
    worstExposureMs: Math.ceil(sum(exposed) + backMs),
    ...(hasBaseline && compared > 0 ? { baselineMs: sum(longest.slice(0, compared)) } : {}),
    ...(hasPreview ? { hasPreview } : {}),
  };
}

/** What a rollout's exposure really was, in milliseconds of full traffic. */
export interface Exposure {
  /** From the first write until the traffic was back, or the revision was settled on. */
  totalMs: number;
  /** What of it came of pauses, which no plan knows beforehand. */
  pausedMs: number;
  /** For how long a cohort had the new revision beside that; absent where there was none. */
  cohortMs?: number;
}

/** Adds up the exposure of a rollout under way. Moments are milliseconds since 1970, and never go back. */
export class ExposureMeter {
  #weight = 0;
  #since = 0;
  #isPaused = false;
  #total = 0;
  #paused = 0;
  #hasCohort = false;
  #cohortMs = 0;

  /** From now on the new revision has so much of the traffic, in percent, and a cohort besides or none. */
  move(weight: number, at: number, hasCohort = false): void {
    this.#add(at);
    this.#weight = weight;
    this.#hasCohort = hasCohort;
  }

  pause(isPaused: boolean, at: number): void {
    this.#add(at);
    this.#isPaused = isPaused;
  }

  /** The share that the new revision has, or may have. */
  get weight(): number {
    return this.#weight;
  }

  /** The new revision has traffic, or may have: a share, or that of a cohort. */
  get hasTraffic(): boolean {
    return this.#weight > 0 || this.#hasCohort;
  }

  /** The last move did not take place: it had this much all the while. */
  correct(weight: number): void {
    this.#weight = weight;
  }

  /** Up to the last change. */
  get exposure(): Exposure {
    const cohort = this.#cohortMs > 0 ? { cohortMs: this.#cohortMs } : {};
    return { totalMs: Math.round(this.#total / 100), pausedMs: Math.round(this.#paused / 100), ...cohort };
  }

  #add(at: number): void {
    const passed = Math.max(0, at - this.#since);
    const more = this.#weight * passed;
    this.#total += more;
    if (this.#hasCohort) this.#cohortMs += passed;
    if (this.#isPaused) this.#paused += more;
    this.#since = at;
  }
}

/** More weights than this are cut short in words. */
const MOST_WEIGHTS_TOLD = 6;

/** What a plan with a preview address has first. */
export const PREVIEWED =
  "the new revision answers at the service's preview address, from the end of its checks until it has traffic";

/** A plan in sentences: its steps and the earliest end, then what it costs where the revision proves bad. */
export function describeOutline(outline: PlanOutline): string[] {
  const { weights, audience, earliestMs, longestDetectMs, worstExposureMs, baselineMs, hasPreview } = outline;
  const besides =
    audience === 'cohort'
      ? "the cohort's requests, pauses and lost workers come on top"
      : 'pauses and lost workers come on top';
  const steps = weights.length === 1 ? 'all traffic at once' : `${listShares(outline)} of the traffic`;
  const first =
    audience === 'inspection'
      ? [
          `First it answers only requests with the header or cookie ${REVISION_NAME} and its number, until somebody promotes it or its time is over`,
        ]
      : [];
  return [
    `Plan: ${steps}; settled after ${inSeconds(earliestMs)} at the earliest`,
    ...(hasPreview ? [`Before that ${PREVIEWED}`] : []),
    ...first,
    ...(baselineMs === undefined
      ? []
      : [
          `A fresh copy of the live revision stands beside the new one, to compare with: one more stack, which has traffic for at most ${inSeconds(baselineMs)} (pauses and lost workers come on top)`,
        ]),
    `If it proves bad, traffic is back at most ${inSeconds(longestDetectMs)} after a step began, and it has had at most ${inSeconds(worstExposureMs)} of full traffic (${besides})`,
  ];
}

/** A plan in one line, for where there is room for no more: `10 %, 100 %; 5m10s at the earliest, at most 51s of full traffic`. */
export function summarizeOutline(outline: PlanOutline): string {
  const { earliestMs, worstExposureMs } = outline;
  return `${listShares(outline)}; ${inSeconds(earliestMs)} at the earliest, at most ${inSeconds(worstExposureMs)} of full traffic`;
}

/** What a rollout's exposure was, beside what its plan had as the most: `2m of full traffic (at most 5m35s by its plan)`. */
export function describeExposure({ totalMs, pausedMs, cohortMs }: Exposure, outline?: PlanOutline): string {
  const paused = pausedMs === 0 ? '' : `, ${inSeconds(pausedMs)} of it while paused`;
  const planned = outline === undefined ? '' : ` (at most ${inSeconds(outline.worstExposureMs)} by its plan)`;
  const cohort = cohortMs === undefined ? '' : `, and the cohort's requests for ${inSeconds(cohortMs)}`;
  return `${inSeconds(totalMs)} of full traffic${paused}${planned}${cohort}`;
}

/** How much traffic a revision had, in time of full traffic: `51s`. */
export function formatExposed({ totalMs }: Exposure): string {
  return inSeconds(totalMs);
}

function listShares({ weights, audience }: Pick<PlanOutline, 'weights' | 'audience'>): string {
  const shares = weights.map((weight, index) =>
    describeShare({ weight, ...(index === 0 && audience !== undefined ? { audience } : {}) }),
  );
  if (shares.length <= MOST_WEIGHTS_TOLD) return shares.join(', ');
  return [...shares.slice(0, MOST_WEIGHTS_TOLD - 2), '…', ...shares.slice(-1)].join(', ');
}

/** Rounded up to seconds, where it is one or more. */
function inSeconds(milliseconds: number): string {
  return formatDuration(milliseconds < 1_000 ? milliseconds : Math.ceil(milliseconds / 1_000) * 1_000);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
