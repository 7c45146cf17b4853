import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import { type BakeCounts, type RequestCounts, addCounts, judgeCounts } from '../domain/evidence/bake-counts.ts';
import { type Verdict, isAccepted } from '../domain/evidence/checks.ts';
import type { AnalysisProgress } from '../domain/evidence/judge/progress.ts';
import { describeDemand, isDemandOpen, judgeDemand } from '../domain/evidence/request-demand.ts';
import { HEARTBEAT_TIMEOUT_MS, beatMs } from '../domain/heartbeats.ts';
import type { FailureLimit } from '../domain/service/strategy.ts';
import type { RequestSeries } from '../domain/traffic/request-series.ts';
import { RouterUnreachableError } from '../routing/router.ts';
import { createPassingFailure } from './failures.ts';
import type { LookPace } from './look-pace.ts';

/** How far a bake is; its heartbeat, and what the next attempt begins with. */
export interface BakeProgress {
  looks: number;
  latest: string[];
  /** Of the last reading. */
  last: BakeCounts;
  /** From the beginning of the bake up to it. */
  sum: BakeCounts;
  /** Where there is one. */
  analysis?: AnalysisProgress;
}

/** A worker that takes over many bakes at once spreads their first looks over this, in milliseconds. */
const TAKEN_OVER_MS = 2_000;

export interface BakeTerms {
  /** From now on, in milliseconds. */
  lastsMs: number;
  before: RequestCounts | undefined;
  limit: FailureLimit | undefined;
  /** Requests that have to have come, and how long the bake may last for them. */
  demand?: { least: number; lastsMs: number };
}

interface Watch {
  pace: LookPace;
  signal: AbortSignal;
  report: (progress: BakeProgress) => void;
  watches: BakeWatch[];
}

/** Looks at what others measure of a revision. */
interface BakeWatch {
  /** @param counted by the router since the bake began */
  look(isOver: boolean, signal: AbortSignal, counted?: RequestSeries): Promise<Verdict[]>;
}

/** The looks of one attempt at a bake. */
export class Bake {
  readonly #look: () => Promise<Verdict[]>;
  readonly #count: () => Promise<BakeCounts>;
  readonly #watch: Watch;

  constructor(look: () => Promise<Verdict[]>, count: () => Promise<BakeCounts>, watch: Watch) {
    this.#look = look;
    this.#count = count;
    this.#watch = watch;
  }

  /** At least one look, however late it is: no data is never a pass. */
  async run(revision: number, { lastsMs, before, limit, demand }: BakeTerms): Promise<Verdict[]> {
    const { watches, pace, report, signal } = this.#watch;
    const { attempt, heartbeatTimeoutMs = HEARTBEAT_TIMEOUT_MS } = activityInfo();
    const begun = performance.now();
    const passed = (ms: number): boolean => performance.now() >= begun + ms;
    const from = new Date().toISOString();
    let { last, sum } = await this.#begin(before);
    if (attempt > 1) await sleep(Math.random() * TAKEN_OVER_MS, undefined, { signal });
    for (let looks = 1; ; looks += 1) {
      const found = await this.#look();
      const isDue = passed(lastsMs);
      // After the look: what ended before it and was back in time for it is counted.
      const counted = await this.#counted(isDue);
      if (counted) [last, sum] = [counted, addCounts(sum, last, counted)];
      const isWanting = demand !== undefined && isDemandOpen(demand.least, sum);
      const isOver = isDue && (!isWanting || passed(demand.lastsMs));
      const window = { from, to: new Date().toISOString() };
      const judged = counted ? judgeCounts(revision, sum, { ...window, limit }) : [];
      const needed = demand && isOver ? [judgeDemand(revision, demand.least, sum, window)] : [];
      const measured = await Promise.all(watches.map((watch) => watch.look(isOver, signal, sum.requests?.series)));
      const verdicts = [...found, ...judged, ...needed, ...measured.flat()];
      // Each look is a beat, too: whether the bake was called off is known before the next one.
      const missing = isWanting ? [describeDemand(demand.least, sum)] : [];
      report({ looks, latest: [...verdicts.map((verdict) => verdict.evidence), ...missing], last, sum });
      if (isOver || !verdicts.every(isAccepted)) return verdicts;
      const next = isDue && demand ? demand.lastsMs : lastsMs;
      const left = Math.max(0, begun + next - performance.now());
      await sleep(Math.min(pace.intervalMs(beatMs(heartbeatTimeoutMs)), left), undefined, { signal });
    }
  }

  /** What the counts are held against: as they were when the bake began, whichever attempt this is. */
  async #begin(requests: RequestCounts | undefined): Promise<Pick<BakeProgress, 'last' | 'sum'>> {
    const told = readProgress();
    if (told?.last && told.sum) return { last: told.last, sum: told.sum };
    const { restarts } = (await this.#counted(false)) ?? {};
    return { last: { ...(requests ? { requests } : {}), ...(restarts === undefined ? {} : { restarts }) }, sum: {} };
  }

  /** Undefined where nobody answers, which may pass; at the end of the bake it must have been known. */
  async #counted(mustBe: boolean): Promise<BakeCounts | undefined> {
    try {
      return await this.#count();
    } catch (error) {
      if (!(error instanceof RouterUnreachableError)) throw error;
      if (mustBe) throw createPassingFailure('Unavailable', error.message, error);
      return undefined;
    }
  }
}

/** Of the attempt before, where there was one. */
export function readProgress(): Partial<BakeProgress> | undefined {
  return activityInfo().heartbeatDetails as Partial<BakeProgress> | undefined;
}
