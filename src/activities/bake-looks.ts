import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import { type BakeCounts, addCounts, judgeCounts } from '../domain/evidence/bake-counts.ts';
import { type Verdict, isAccepted } from '../domain/evidence/checks.ts';
import type { AnalysisProgress } from '../domain/evidence/judge/progress.ts';
import { describeDemand, isDemandOpen, judgeDemand } from '../domain/evidence/request-demand.ts';
import { isUndecided } from '../domain/evidence/missed-looks.ts';
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
  /** When it was looked at last, on Temporal's clock, ISO 8601. */
  at?: string;
  /** Of the last reading. */
  last: BakeCounts;
  /** From the beginning of the bake up to it. */
  sum: BakeCounts;
  /** Where there is one. */
  analysis?: AnalysisProgress;
}

/** What is missing for a verdict does not come by more looks; those who are asked have other things to do, and may take money. */
const LOOK_AGAIN_EVERY_MS = 10_000;

/** A worker that takes over many bakes at once spreads their first looks over this, in milliseconds. */
const TAKEN_OVER_MS = 2_000;

export interface BakeTerms {
  /** When it began, ISO 8601. */
  from: string;
  /** From now on, in milliseconds. */
  lastsMs: number;
  /** For how long it goes on after its end, at most, where nothing is decided by then, in milliseconds. */
  missedMs: number;
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

/** Counts what a bake is judged by, besides its looks. */
export interface BakeCounter {
  /** @throws RouterUnreachableError when nobody answers */
  now(): Promise<BakeCounts>;
  /** What that is held against, as it was when the bake began: where no attempt before has told how far it was. */
  begin(): Promise<BakeCounts>;
}

/** The looks of one attempt at a bake. */
export class Bake {
  readonly #look: () => Promise<Verdict[]>;
  readonly #counter: BakeCounter;
  readonly #watch: Watch;
  readonly #begun = performance.now();

  constructor(look: () => Promise<Verdict[]>, counter: BakeCounter, watch: Watch) {
    this.#look = look;
    this.#counter = counter;
    this.#watch = watch;
  }

  /** At least one look, however late it is: no data is never a pass, and no reason to go back where nobody has looked. */
  async run(revision: number, terms: BakeTerms): Promise<Verdict[]> {
    const { from, lastsMs, missedMs, limit, demand } = terms;
    const { watches, report, signal } = this.#watch;
    let { last, sum } = await this.#begin();
    report({ looks: 0, latest: [], at: this.#at, last, sum });
    if (activityInfo().attempt > 1) await sleep(Math.random() * TAKEN_OVER_MS, undefined, { signal });
    let overMs: number | undefined;
    for (let looks = 1; ; looks += 1) {
      const found = await this.#look();
      const isDue = this.#passedMs >= lastsMs;
      // After the look: what ended before it and was back in time for it is counted.
      const counted = await this.#counted(isDue);
      if (counted) [last, sum] = [counted, addCounts(sum, last, counted)];
      const isWanting = demand !== undefined && isDemandOpen(demand.least, sum);
      const isOver = isDue && (!isWanting || this.#passedMs >= demand.lastsMs);
      const window = { from, to: new Date().toISOString() };
      const judged = counted ? judgeCounts(revision, sum, { ...window, limit }) : [];
      const needed = demand && isOver ? [judgeDemand(revision, demand.least, sum, window)] : [];
      const measured = await Promise.all(watches.map((watch) => watch.look(isOver, signal, sum.requests?.series)));
      const verdicts = [...found, ...judged, ...needed, ...measured.flat()];
      // Each look is a beat, too: whether the bake was called off is known before the next one.
      const missing = isWanting ? [describeDemand(demand.least, sum)] : [];
      const latest = [...verdicts.map((verdict) => verdict.evidence), ...missing];
      report({ looks, latest, at: this.#at, last, sum });
      if (isOver) overMs ??= this.#passedMs;
      const longestMs = (overMs ?? Infinity) + missedMs;
      const isMadeUpFor = isOver && this.#passedMs < longestMs && isUndecided(verdicts);
      if (!isMadeUpFor && (isOver || !verdicts.every(isAccepted))) return verdicts;
      const next = isMadeUpFor ? longestMs : isDue && demand ? demand.lastsMs : lastsMs;
      await this.#pause(next, isMadeUpFor ? Math.min(LOOK_AGAIN_EVERY_MS, missedMs / 10) : 0);
    }
  }

  /** Since this attempt began, in milliseconds. */
  get #passedMs(): number {
    return performance.now() - this.#begun;
  }

  /** Now, on Temporal's clock; late by what it took to find a worker. */
  get #at(): string {
    return new Date(activityInfo().currentAttemptScheduledTimestampMs + this.#passedMs).toISOString();
  }

  /** Until the next look, at `endMs` at the latest. */
  async #pause(endMs: number, leastMs: number): Promise<void> {
    const { pace, signal } = this.#watch;
    const { heartbeatTimeoutMs = HEARTBEAT_TIMEOUT_MS } = activityInfo();
    const left = Math.max(0, endMs - this.#passedMs);
    const interval = Math.max(leastMs, pace.intervalMs(beatMs(heartbeatTimeoutMs)));
    await sleep(Math.min(interval, left), undefined, { signal });
  }

  /** What the counts are held against: as they were when the bake began, whichever attempt this is. */
  async #begin(): Promise<Pick<BakeProgress, 'last' | 'sum'>> {
    const told = readProgress();
    if (told?.last && told.sum) return { last: told.last, sum: told.sum };
    return { last: await this.#counter.begin(), sum: {} };
  }

  /** Undefined where nobody answers, which may pass; at the end of the bake it must have been known. */
  async #counted(mustBe: boolean): Promise<BakeCounts | undefined> {
    try {
      return await this.#counter.now();
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
