import { activityInfo } from '@temporalio/activity';
import type { Subject } from '../evidence/checks/run.ts';
import type { AlarmProvider, RevisionMetrics } from '../evidence/metrics/provider.ts';
import { createMetricProviders } from '../evidence/metrics/registry.ts';
import type { RequestCounts } from '../domain/evidence/bake-counts.ts';
import type { Verdict } from '../domain/evidence/checks.ts';
import type { MetricSpec } from '../domain/evidence/metric-spec.ts';
import type { JsonObject } from '../domain/json.ts';
import { computeMissedMs } from '../domain/evidence/missed-looks.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import type { RouterSpec } from '../domain/service/service.ts';
import type { FailureLimit } from '../domain/service/strategy.ts';
import type { StackDriver } from '../stacks/driver.ts';
import type { RouteViews } from '../routing/router.ts';
import { AlarmWatch } from './alarm-watch.ts';
import { leftUntil } from './attempt-clock.ts';
import { createBakeCounter } from './bake-counter.ts';
import { Bake, type BakeProgress, type BakeTerms, readProgress } from './bake-looks.ts';
import { type Revisions, nameAttempt, readChecks, recheckAll, raceCancellation } from './checks.ts';
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
        const counter = createBakeCounter(routers, stacks, task);
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
  const { step, retry } = watch;
  const again = retry === undefined ? {} : { retry };
  const data = { step, ...again, record: watch.record() as unknown as JsonObject };
  await journal.writeFirst(ref, 'analysis.measured', nameAttempt(`step-${step}`, retry), data);
}

/** For how long nobody has looked, since the worker of an attempt before was lost. */
function readMissedMs({ since, until }: BakeTask): number {
  const { attempt, currentAttemptScheduledTimestampMs: now } = activityInfo();
  return attempt === 1 || since === undefined ? 0 : computeMissedMs({ since, until }, readProgress()?.at, now);
}
