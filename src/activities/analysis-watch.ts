import type { Verdict } from '../domain/evidence/checks.ts';
import type { AnalysisSpec } from '../domain/evidence/judge/analysis-spec.ts';
import type { AnalysisSubject } from '../domain/evidence/judge/finding.ts';
import { judgeAnalysis } from '../domain/evidence/judge/judge.ts';
import { type AnalysisProgress, NO_PROGRESS, takeLook } from '../domain/evidence/judge/progress.ts';
import type { PairCounts } from '../domain/evidence/judge/series.ts';
import { formatRevisionName } from '../domain/service/revision.ts';
import type { RouteObservation } from '../domain/traffic/route.ts';
import { RouterUnreachableError } from '../routing/router.ts';
import { type AnalysisRecord, recordAnalysis } from '../domain/evidence/judge/record.ts';
import type { RequestSeries } from '../domain/traffic/request-series.ts';

/** Its verdicts do not come sooner by more looks, and a router that is started again must have the time. */
const LOOK_EVERY_MS = 10_000;

/** The analysis of a step. */
export interface AnalysisTask {
  spec: AnalysisSpec;
  subject: AnalysisSubject;
  /** Of the rollout's plan, from 1 on. */
  step: number;
  /**
   * What the router had counted of both when the step's traffic moved: it is still there where a worker is lost. What it has at the
   * first look, unless told.
   */
  counted?: PairCounts;
  /** How often the step was begun anew after it had failed; absent at first. */
  retry?: number;
}

/** Looks at what the router counts of the new revision and of the live one while the new one bakes. */
export class AnalysisWatch {
  readonly #observe: () => Promise<RouteObservation | undefined>;
  readonly #task: AnalysisTask;
  readonly #from: string;
  #progress: AnalysisProgress;
  #lookedAt = -Infinity;

  /** @param progress of the attempt before, where there was one */
  constructor(
    observe: () => Promise<RouteObservation | undefined>,
    task: AnalysisTask,
    { from, progress }: { from: string; progress?: AnalysisProgress | undefined },
  ) {
    this.#observe = observe;
    this.#task = task;
    this.#from = from;
    this.#progress = progress ?? { ...NO_PROGRESS, ...(task.counted ? { last: task.counted } : {}) };
  }

  /** Of the rollout's plan. */
  get step(): number {
    return this.#task.step;
  }

  /** How often the step was begun anew after it had failed. */
  get retry(): number | undefined {
    return this.#task.retry;
  }

  get progress(): AnalysisProgress {
    return this.#progress;
  }

  /** All that it takes to judge anew what was counted up to now. */
  record(): AnalysisRecord {
    const { spec, subject } = this.#task;
    return recordAnalysis(this.#progress, { spec, subject, from: this.#from, to: new Date().toISOString() });
  }

  /** What is sure by now; at the end of the bake, all of it. */
  async look(isOver: boolean): Promise<Verdict[]> {
    if (!isOver && performance.now() - this.#lookedAt < LOOK_EVERY_MS) return [];
    this.#lookedAt = performance.now();
    const read = await this.#read();
    const to = new Date().toISOString();
    this.#progress = takeLook(this.#task.spec, this.#progress, { at: to, ...read });
    return judgeAnalysis(this.#task.spec, this.#progress, this.#task.subject, { from: this.#from, to, isOver });
  }

  async #read(): Promise<Reading> {
    try {
      return readPair(await this.#observe(), this.#task.subject);
    } catch (error) {
      if (!(error instanceof RouterUnreachableError)) throw error;
      return { fault: error.message };
    }
  }
}

type Reading = { counts: PairCounts } | { fault: string };

function readPair(observed: RouteObservation | undefined, { revision, baseline }: AnalysisSubject): Reading {
  const candidate = readSeries(observed, revision);
  if (typeof candidate === 'string') return { fault: candidate };
  if (baseline === undefined) return { counts: { candidate } };
  const live = readSeries(observed, baseline);
  return typeof live === 'string' ? { fault: live } : { counts: { candidate, baseline: live } };
}

/** What the router has counted of a revision; else, in words, why it has nothing. */
function readSeries(observed: RouteObservation | undefined, revision: number): RequestSeries | string {
  const target = observed?.targets.find((each) => each.revision === revision);
  if (!target) return `the router does not list ${formatRevisionName(revision)}`;
  return target.series ?? `the router does not count the requests of ${formatRevisionName(revision)}`;
}
