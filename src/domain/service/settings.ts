import { formatDuration } from '../duration.ts';
import { describeAnalysis } from '../evidence/judge/analysis-spec.ts';
import type { HooksDigest } from '../hooks/hook.ts';
import { describeMetric } from '../evidence/metric-spec.ts';
import { describeOutline } from '../gates/outline.ts';
import { describeWindow } from '../rollback/window.ts';
import type { SettingChange } from './setting-change.ts';
import { formatRevisionName } from './revision.ts';
import { AS_ROUTER } from '../traffic/route.ts';
import { describeRouter, readClientPort, wordRouterSettings } from './router.ts';
import type { RetentionSpec, RouterSpec, ServiceSettings } from './service.ts';
import { DEFAULT_WAIT_FOR_REQUESTS_MS, NO_FAILURES, describeMoves } from './strategy.ts';
import type { ServiceState } from './state.ts';
import type { RevisionSet, ActiveRevision } from './revision-set.ts';

/** What differs from the settings before, each with what that does now. */
export function compareSettings(state: ServiceState, next: ServiceSettings): SettingChange[] {
  const before = state.spec?.settings;
  if (!before) return [];
  const changes: SettingChange[] = [
    ...compareRouters(state, before.router, next.router),
    { setting: 'strategy', ...both(before, next, moves), effect: 'counts from the next rollout on' },
    { setting: 'strategy.bake', ...both(before, next, bake), effect: 'counts from the next rollout on' },
    {
      setting: 'strategy.failureLimit',
      ...both(before, next, failureLimit),
      effect: 'counts from the next rollout on',
    },
    { setting: 'strategy.leastRequests', ...both(before, next, requests), effect: 'counts from the next rollout on' },
    { setting: 'strategy.alarms', ...both(before, next, alarms), effect: 'counts from the next rollout on' },
    { setting: 'strategy.metrics', ...both(before, next, metrics), effect: 'counts from the next rollout on' },
    { setting: 'strategy.analysis', ...both(before, next, analysis), effect: 'counts from the next rollout on' },
    { setting: 'retention.warm', ...both(before, next, warm), effect: retentionEffect(state, next.retention) },
    { setting: 'retention.for', ...both(before, next, warmFor), effect: 'counts since each became warm' },
    { setting: 'concurrency', ...both(before, next, policy), effect: 'counts from now on' },
    { setting: 'drift', ...both(before, next, drift), effect: 'counts from the next rollout on' },
    { setting: 'gates', ...both(before, next, gates), effect: 'counts for rollouts that have not begun' },
    { setting: 'rollbackSafety', ...both(before, next, demand), effect: 'counts from the next deployment on' },
    { setting: 'rollbackWindow', ...both(before, next, window), effect: 'counts from now on' },
    { setting: 'freezeOnFail', ...both(before, next, freeze), effect: 'counts from the next rollout on' },
    { setting: 'progressDeadline', ...both(before, next, deadline), effect: 'counts from the next rollout on' },
    { setting: 'hooks', ...both(before, next, hooks), effect: 'counts for rollouts that are asked for from now on' },
    {
      setting: 'migrations',
      ...both(before, next, migrations),
      effect: 'counts for rollouts that are asked for from now on',
    },
    { setting: 'rollbackOn', ...both(before, next, senders), effect: 'counts from now on' },
  ];
  return changes.filter(({ from, to }) => from !== to);
}

/** The revision set under another retention: how long and how many are kept. Pinned ones stay beside them. */
export function fitRetention(
  revisionSet: RevisionSet,
  retention: RetentionSpec,
  pinned: readonly number[] = [],
): { revisionSet: RevisionSet; retire: ActiveRevision[] } {
  const warm = revisionSet.warm.map((standing) => ({
    ...standing,
    warmUntil: new Date(Date.parse(standing.since) + retention.warmForMs).toISOString(),
  }));
  const counted = warm.filter(({ revision }) => !pinned.includes(revision.number));
  return { revisionSet: { ...revisionSet, warm }, retire: counted.slice(retention.warm).reverse() };
}

function both(before: ServiceSettings, next: ServiceSettings, text: (of: ServiceSettings) => string) {
  return { from: text(before), to: text(next) };
}

const moves = ({ strategy }: ServiceSettings): string => describeMoves(strategy);
const bake = ({ strategy }: ServiceSettings): string => seconds(strategy.bakeMs);
const failureLimit = ({ strategy }: ServiceSettings): string => {
  const { unansweredRequests, restarts } = strategy.failureLimit ?? NO_FAILURES;
  return `${unansweredRequests} unanswered requests, ${restarts} restarts`;
};
const requests = ({ strategy }: ServiceSettings): string => {
  const { leastRequests, waitForRequestsMs = DEFAULT_WAIT_FOR_REQUESTS_MS } = strategy;
  return leastRequests === undefined ? 'any' : `${leastRequests}, waited for ${seconds(waitForRequestsMs)} at most`;
};
const alarms = ({ strategy }: ServiceSettings): string => strategy.alarms?.join(', ') ?? 'none';
const metrics = ({ strategy }: ServiceSettings): string => strategy.metrics?.map(describeMetric).join(', ') ?? 'none';
const analysis = ({ strategy }: ServiceSettings): string => describeAnalysis(strategy.analysis);
const warm = ({ retention }: ServiceSettings): string => String(retention.warm);
const warmFor = ({ retention }: ServiceSettings): string => seconds(retention.warmForMs);
const demand = ({ rollbackSafety }: ServiceSettings): string => rollbackSafety ?? 'none';
const hooks = ({ hooks: given }: ServiceSettings): string => countOf(given);
const senders = ({ rollbackOn }: ServiceSettings): string => countOf(rollbackOn);
const migrations = ({ migrations: given }: ServiceSettings): string => given?.digest.slice(0, 8) ?? 'none';
const countOf = (given: HooksDigest | undefined): string =>
  given ? `${given.count} (${given.digest.slice(0, 8)})` : 'none';
const gates = (settings: ServiceSettings): string => describeOutline(settings.gates);
const policy = ({ concurrency }: ServiceSettings): string => concurrency ?? 'queue';
const window = ({ rollbackWindow }: ServiceSettings): string => describeWindow(rollbackWindow);
const freeze = ({ freezeOnFail }: ServiceSettings): string =>
  freezeOnFail ? `for ${formatDuration(freezeOnFail.forMs)}, then ${freezeOnFail.then}` : 'no';
const deadline = ({ progressDeadlineMs }: ServiceSettings): string =>
  progressDeadlineMs === undefined ? 'none' : seconds(progressDeadlineMs);
const drift = (settings: ServiceSettings): string => settings.drift ?? 'report';

function seconds(ms: number): string {
  return `${ms / 1000}s`;
}

function compareRouters(state: ServiceState, before: RouterSpec, next: RouterSpec): SettingChange[] {
  const [from, to] = [describeRouter(before), describeRouter(next)];
  // Nothing stands that its settings could have an effect on.
  if (from !== to) return [{ setting: 'router', from, to, effect: 'counts from the next rollout on' }];
  const was = wordRouterSettings(before);
  return Object.entries(wordRouterSettings(next)).map(([setting, words]) => ({
    setting,
    from: was[setting] ?? words,
    to: words,
    effect: routerEffect(state, next, setting),
  }));
}

function routerEffect(state: ServiceState, next: RouterSpec, setting: string): string {
  if (setting === 'router.port') return portEffect(state, next);
  if (setting === 'router.listen') return listenEffect(state, next);
  return setting === 'router.strictPort' ? 'counts from the next deployment on' : 'counts from now on';
}

function listenEffect(state: ServiceState, router: RouterSpec): string {
  const { port, listen } = readClientPort(router);
  const isDefault = port === undefined && listen === AS_ROUTER;
  return isDefault ? 'counts from the next rollout on' : moveEffect(state);
}

function portEffect(state: ServiceState, router: RouterSpec): string {
  return readClientPort(router).port === undefined ? 'clients connect where they did' : moveEffect(state);
}

function moveEffect({ revisionSet, running }: ServiceState): string {
  if (running) return `clients are moved there once rollout ${running.number} has ended`;
  return revisionSet.live
    ? 'clients are moved there now; what is in flight goes on'
    : 'counts from the first rollout on';
}

function retentionEffect({ revisionSet, pinned, running }: ServiceState, retention: RetentionSpec): string {
  if (running) return `counts once rollout ${running.number} has ended`;
  const names = fitRetention(revisionSet, retention, pinned).retire.map(({ revision }) =>
    formatRevisionName(revision.number),
  );
  if (names.length === 0) return 'counts from now on; nothing is retired by it';
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} retired`;
}
