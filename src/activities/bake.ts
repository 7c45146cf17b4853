import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import type { Subject } from '../evidence/checks/run.ts';
import type { AlarmProvider, RevisionMetrics } from '../evidence/metrics/provider.ts';
import { createMetricProviders } from '../evidence/metrics/registry.ts';
import { type BakeCounts, type RequestCounts, addCounts, judgeCounts } from '../domain/evidence/bake-counts.ts';
import { type Verdict, isAccepted } from '../domain/evidence/checks.ts';
import { describeDemand, isDemandOpen, judgeDemand } from '../domain/evidence/request-demand.ts';
import type { AnalysisProgress } from '../domain/evidence/judge/progress.ts';
import type { MetricSpec } from '../domain/evidence/metric-spec.ts';
import { HEARTBEAT_TIMEOUT_MS, beatMs } from '../domain/heartbeats.ts';
import type { JsonObject } from '../domain/json.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import { formatStackName } from '../domain/service/revision.ts';
import type { RouterSpec } from '../domain/service/service.ts';
import type { FailureLimit } from '../domain/service/strategy.ts';
import type { RequestSeries } from '../domain/traffic/request-series.ts';
import type { TargetObservation } from '../domain/traffic/route.ts';
import type { StackDriver } from '../stacks/driver.ts';
import { type RouteViews, RouterUnreachableError } from '../routing/router.ts';
import { AlarmWatch } from './alarm-watch.ts';
import { type Revisions, nameAttempt, readChecks, recheckAll, raceCancellation } from './checks.ts';
import { type AnalysisTask, AnalysisWatch } from './analysis-watch.ts';
import { createPassingFailure } from './failures.ts';
import { withHeartbeats } from './heartbeat.ts';
import type { Journal } from './journal.ts';
import { LookPace } from './look-pace.ts';
import { MetricWatch } from './metric-watch.ts';

export interface BakeTask {
  ref: RolloutRef;
  /** Where its traffic is split. */
  router: RouterSpec;
  subject: Subject;
  /** A baseline that has traffic beside it: its checks count as well, since its requests are users', too. */
  baseline?: Subject;
  /** When the bake is over, ISO 8601; a repeated attempt bakes to the same moment. */
  until: string;
  /** What the router had counted of the revision when it got its traffic; nothing unless told. */
  before?: RequestCounts;
  /** What may fail meanwhile; nothing unless told. */
  limit?: FailureLimit;
  /** Alarms that have to stay quiet meanwhile. */
  alarms?: string[];
  /** Numbers that have to be within limits. */
  metrics?: MetricSpec[];
  /** What the router counts, against a limit and against what is live. */
  analysis?: AnalysisTask;
  /** Requests that have to have come, and until when the bake goes on for them, ISO 8601; any number unless told. */
  requests?: { least: number; until: string };
  /** When the bake began, ISO 8601; what went off since counts, whichever attempt this is. */
  since?: string;
}

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

export function bakeActivities(
  catalogue: Revisions,
  routers: RouteViews,
  stacks: Pick<StackDriver, 'list'>,
  journal: Pick<Journal, 'writeFirst'>,
  provider: AlarmProvider & RevisionMetrics = createMetricProviders(),
) {
  const pace = new LookPace();

  async function count({ ref: { service }, router: spec, subject }: BakeTask): Promise<BakeCounts> {
    const { revision } = subject;
    const router = await routers.of(spec);
    const name = { project: service.environment, stack: formatStackName(service, revision) };
    const [observed, [stack]] = await Promise.all([router.observe(service), stacks.list(name)]);
    const target = observed?.targets.find((each) => each.revision === revision);
    const { processes = [] } = stack ?? {};
    const ends = processes.flatMap(({ lastEnd }) => lastEnd ?? []).sort((one, other) => (one.at < other.at ? 1 : -1));
    return {
      ...(target ? countsOf(target) : {}),
      ...(observed?.changedByOthers === undefined ? {} : { changedByOthers: observed.changedByOthers }),
      ...(processes.length === 0 ? {} : { restarts: processes.reduce((sum, { restarts }) => sum + restarts, 0) }),
      // Without what it printed last: that may quote what nobody should keep.
      ...(ends[0] ? { lastEnd: ends[0].how.split(/[;\n]/)[0] ?? '' } : {}),
    };
  }

  return {
    /**
     * Watches a revision under traffic: its checks, the requests that it left without an answer, and how often its
     * processes ended. Ends at the first failure that is not a blip, else when the bake is over: at its time, or once the
     * requests have come that it needs.
     */
    async bake(task: BakeTask): Promise<Verdict[]> {
      const { ref, subject, baseline, until, before, limit, alarms = [], metrics = [], requests, analysis } = task;
      const checks = await readChecks(catalogue, { ref, subject });
      const others = baseline ? await readChecks(catalogue, { ref, subject: baseline }) : [];
      const terms: BakeTerms = {
        lastsMs: leftUntil(until),
        before,
        limit,
        ...(requests ? { demand: { least: requests.least, lastsMs: leftUntil(requests.until) } } : {}),
      };
      using _looks = pace.join(checks, subject.endpoints.length);
      const from = task.since ?? new Date().toISOString();
      const observe = async () => (await routers.of(task.router)).observe(ref.service);
      const judge = analysis && new AnalysisWatch(observe, analysis, { from, progress: readProgress()?.analysis });
      return await withHeartbeats(async (signal, report) => {
        const look = async () => {
          const own = recheckAll(checks, subject, signal);
          const beside = baseline ? recheckAll(others, baseline, signal) : [];
          return (await Promise.all([own, beside])).flat();
        };
        const watches = [
          new AlarmWatch(provider, alarms, { revision: subject.revision, from }),
          new MetricWatch(provider, metrics, { service: ref.service, ...subject, from }),
          ...(judge ? [judge] : []),
        ];
        const tell = (progress: BakeProgress) =>
          report({ ...progress, ...(judge ? { analysis: judge.progress } : {}) });
        const bake = new Bake(look, () => count(task), { pace, signal, report: tell, watches });
        const verdicts = await raceCancellation(bake.run(subject.revision, terms), signal);
        if (judge) await recordAnalysis(journal, ref, judge);
        return verdicts;
      });
    },
  };
}

/** What was counted is recorded beside what was found: the verdicts can be had anew by other rules. */
async function recordAnalysis(
  journal: Pick<Journal, 'writeFirst'>,
  ref: RolloutRef,
  watch: AnalysisWatch,
): Promise<void> {
  const { step, retry } = watch;
  const again = retry === undefined ? {} : { retry };
  const data = { step, ...again, record: watch.record() as unknown as JsonObject };
  await journal.writeFirst(ref, 'analysis.measured', nameAttempt(`step-${step}`, retry), data);
}

/** Of the attempt before, where there was one. */
function readProgress(): Partial<BakeProgress> | undefined {
  return activityInfo().heartbeatDetails as Partial<BakeProgress> | undefined;
}

/**
 * Milliseconds from this attempt's beginning to a moment on Temporal's clock. This machine's own may differ, and may be
 * set while the bake goes on: it would end too early, or not at all.
 */
function leftUntil(moment: string): number {
  return Date.parse(moment) - activityInfo().currentAttemptScheduledTimestampMs;
}

function countsOf({ served, failed, series }: TargetObservation): Pick<BakeCounts, 'requests' | 'isUncounted'> {
  if (served === undefined || failed === undefined) return { isUncounted: true };
  return { requests: { served, failed, ...(series === undefined ? {} : { series }) } };
}

interface BakeTerms {
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

class Bake {
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
