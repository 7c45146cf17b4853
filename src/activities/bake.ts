import { activityInfo } from '@temporalio/activity';
import type { Subject } from '../evidence/checks/run.ts';
import type { AlarmProvider, RevisionMetrics } from '../evidence/metrics/provider.ts';
import { createMetricProviders } from '../evidence/metrics/registry.ts';
import { type BakeCounts, type RequestCounts, readRequestCounts } from '../domain/evidence/bake-counts.ts';
import type { Verdict } from '../domain/evidence/checks.ts';
import type { MetricSpec } from '../domain/evidence/metric-spec.ts';
import type { JsonObject } from '../domain/json.ts';
import { computeMissedMs } from '../domain/evidence/missed-looks.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import { formatStackName } from '../domain/service/revision.ts';
import type { RouterSpec } from '../domain/service/service.ts';
import type { FailureLimit } from '../domain/service/strategy.ts';
import type { TargetObservation } from '../domain/traffic/route.ts';
import type { StackDriver, StackSummary } from '../stacks/driver.ts';
import type { RouteViews } from '../routing/router.ts';
import { AlarmWatch } from './alarm-watch.ts';
import { Bake, type BakeProgress, type BakeTerms, readProgress } from './bake-looks.ts';
import { type Revisions, readChecks, recheckAll, raceCancellation } from './checks.ts';
import { type AnalysisTask, AnalysisWatch } from './analysis-watch.ts';
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
  /** When the bake began, ISO 8601; what came since counts, whichever attempt this is. */
  since?: string;
}

export function bakeActivities(
  catalogue: Revisions,
  routers: RouteViews,
  stacks: Pick<StackDriver, 'list'>,
  journal: Pick<Journal, 'writeFirst'>,
  provider: AlarmProvider & RevisionMetrics = createMetricProviders(),
) {
  const pace = new LookPace();

  const listProcesses = async ({ ref: { service }, subject: { revision } }: BakeTask): Promise<Processes> => {
    const name = { project: service.environment, stack: formatStackName(service, revision) };
    const [stack] = await stacks.list(name);
    return stack?.processes ?? [];
  };

  async function count(task: BakeTask): Promise<BakeCounts> {
    const { ref, router: spec, subject } = task;
    const router = await routers.of(spec);
    const [observed, processes] = await Promise.all([router.observe(ref.service), listProcesses(task)]);
    const target = observed?.targets.find((each) => each.revision === subject.revision);
    return {
      ...(target ? countsOf(target) : {}),
      ...(observed?.changedByOthers === undefined ? {} : { changedByOthers: observed.changedByOthers }),
      ...countRestarts(processes),
    };
  }

  /** As it was when the bake began: of the requests that is in the task, of the processes it is found out. */
  async function countAtBegin(task: BakeTask): Promise<BakeCounts> {
    const processes = await listProcesses(task);
    const { restarts } = countRestarts(processes);
    const since = activityInfo().attempt === 1 ? undefined : task.since;
    const ended = since === undefined ? 0 : processes.filter((each) => hasEndedSince(each, since)).length;
    return {
      ...(task.before ? { requests: task.before } : {}),
      ...(restarts === undefined ? {} : { restarts: restarts - ended }),
    };
  }

  return {
    /**
     * Watches a revision under traffic: its checks, the requests that it left without an answer, and how often its
     * processes ended. Ends at the first failure that is not a blip, else when the bake is over: at its time, or once the
     * requests have come that it needs.
     */
    async bake(task: BakeTask): Promise<Verdict[]> {
      const { ref, subject, baseline, until, limit, alarms = [], metrics = [], requests, analysis } = task;
      const checks = await readChecks(catalogue, { ref, subject });
      const others = baseline ? await readChecks(catalogue, { ref, subject: baseline }) : [];
      const from = task.since ?? new Date().toISOString();
      const terms: BakeTerms = {
        ...{ from, limit, lastsMs: leftUntil(until), missedMs: readMissedMs(task) },
        ...(requests ? { demand: { least: requests.least, lastsMs: leftUntil(requests.until) } } : {}),
      };
      using _looks = pace.join(checks, subject.endpoints.length);
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
        const counter = { now: () => count(task), begin: () => countAtBegin(task) };
        const bake = new Bake(look, counter, { pace, signal, report: tell, watches });
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
  const { step } = watch;
  const data = { step, record: watch.record() as unknown as JsonObject };
  await journal.writeFirst(ref, 'analysis.measured', `step-${step}`, data);
}

/**
 * Milliseconds from this attempt's beginning to a moment on Temporal's clock. This machine's own may differ, and may be
 * set while the bake goes on: it would end too early, or not at all.
 */
function leftUntil(moment: string): number {
  return Date.parse(moment) - activityInfo().currentAttemptScheduledTimestampMs;
}

/** For how long nobody has looked, since the worker of an attempt before was lost. */
function readMissedMs({ since, until }: BakeTask): number {
  const { attempt, currentAttemptScheduledTimestampMs: now } = activityInfo();
  return attempt === 1 || since === undefined ? 0 : computeMissedMs({ since, until }, readProgress()?.at, now);
}

type Processes = NonNullable<StackSummary['processes']>;

function countRestarts(processes: Processes): Pick<BakeCounts, 'restarts' | 'lastEnd'> {
  const ends = processes.flatMap(({ lastEnd }) => lastEnd ?? []).sort((one, other) => (one.at < other.at ? 1 : -1));
  return {
    ...(processes.length === 0 ? {} : { restarts: processes.reduce((sum, { restarts }) => sum + restarts, 0) }),
    // Without what it printed last: that may quote what nobody should keep.
    ...(ends[0] ? { lastEnd: ends[0].how.split(/[;\n]/)[0] ?? '' } : {}),
  };
}

/** Its ends are told by this machine's clock, and the other moment by Temporal's: what is compared is how long ago each was. */
function hasEndedSince({ lastEnd, restarts }: Processes[number], moment: string): boolean {
  if (!lastEnd || restarts === 0) return false;
  return Date.now() - Date.parse(lastEnd.at) <= -leftUntil(moment);
}

function countsOf(target: TargetObservation): Pick<BakeCounts, 'requests' | 'isUncounted'> {
  const requests = readRequestCounts(target);
  return requests ? { requests } : { isUncounted: true };
}
