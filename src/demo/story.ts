import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { logPath, revisionDir } from '../../blueprints/local-process/layout.ts';
import type { SupplantClient } from '../client/api.ts';
import { poll } from '../cli/waiting.ts';
import type { DataFolder } from '../data-folder.ts';
import type { Ticket } from '../domain/requests.ts';
import { endpointUrl, stackName } from '../domain/revision.ts';
import type { ServiceKey } from '../domain/service.ts';
import type { RolloutStatus } from '../domain/status.ts';
import type { Router } from '../traffic/router.ts';
import type { Chapter } from './chapters.ts';
import { stacks } from './leftovers.ts';
import type { Load } from './load.ts';
import type { LoadReport } from './load-counts.ts';
import { type LogCounts, watchLog } from './refused-log.ts';
import type { RefusedReport, RollbackReport, RolloutReport } from './report.ts';
import { measureRollback } from './rollback.ts';
import type { Stage } from './stage.ts';

/** What the story is played with. */
export interface Cast {
  folder: DataFolder;
  service: ServiceKey;
  chapters: Chapter[];
  client: SupplantClient;
  router: Router;
  load: Load;
  stage: Stage;
  signal: AbortSignal;
}

export interface Story {
  rollouts: RolloutReport[];
  refused: RefusedReport;
  rollback: RollbackReport;
  load: LoadReport | undefined;
}

const REQUESTS_PER_SECOND = 250;

const LOOK_EVERY_MS = 100;
/** Traffic goes on between two chapters, and after the last: what a change broke shows. */
const BREATHER_MS = 1000;

/** Plays all chapters, one after the other; one that does not end as it should is the last. */
export async function play(cast: Cast): Promise<Story> {
  const { chapters, load, signal } = cast;
  const watching = new AbortController();
  const traffic = watchTraffic(cast, AbortSignal.any([signal, watching.signal]));
  const story: Omit<Story, 'load'> = {
    rollouts: chapters.map(({ title, revision, expected }) => ({
      title,
      revision,
      expected,
      outcome: 'none',
      seconds: 0,
    })),
    refused: { revision: 0, requests: 0, checks: 0, stackLeft: false },
    rollback: { millis: 0, lastOldAnswerMillis: 0 },
  };
  let rolledBack: Rollback | undefined;
  for (const [index, chapter] of chapters.entries()) {
    const performance = await playChapter(cast, chapter, index);
    story.rollouts[index] = performance.report;
    if (performance.refused) story.refused = performance.refused;
    if (performance.rollback) rolledBack = performance.rollback;
    if (performance.report.outcome !== chapter.expected) break;
    await sleep(BREATHER_MS, undefined, { signal });
  }
  watching.abort();
  const { began, served } = await traffic;
  const counts = began ? await load.stop() : undefined;
  story.refused.requests += served.get(story.refused.revision) ?? 0;
  if (rolledBack) story.rollback = rollbackReport(rolledBack, counts);
  return { ...story, load: counts };
}

interface Rollback {
  calledAt: number;
  millis: number;
}

interface Performance {
  report: RolloutReport;
  refused?: RefusedReport;
  rollback?: Rollback;
}

async function playChapter(cast: Cast, chapter: Chapter, index: number): Promise<Performance> {
  cast.stage.begin(index);
  const seen = new AbortController();
  const log = chapter.expected === 'failed' ? watchLog(logOf(cast, chapter.revision), seen.signal) : undefined;
  const began = performance.now();
  let rollback: Rollback | undefined;
  let status: RolloutStatus;
  try {
    const request = (): Promise<Ticket> =>
      chapter.request(cast.client, { actor: 'demo', reason: chapter.title, requestId: randomUUID() });
    const asked = chapter.isRollback
      ? await measureRollback(cast.router, cast.service, chapter.revision, request)
      : { ticket: await request() };
    if ('millis' in asked) rollback = asked;
    status = await follow(cast, asked.ticket, index);
  } finally {
    seen.abort();
  }
  const report: RolloutReport = {
    title: chapter.title,
    revision: status.revision ?? 0,
    outcome: status.outcome ?? 'none',
    expected: chapter.expected,
    seconds: (performance.now() - began) / 1000,
    ...(status.because === undefined ? {} : { because: status.because }),
  };
  const refused = log && (await refusedReport(cast, report.revision, await log));
  cast.stage.end(index, report, ending(report, status.artifact, refused, rollback));
  return { report, ...(refused ? { refused } : {}), ...(rollback ? { rollback } : {}) };
}

function ending(
  report: RolloutReport,
  artifact = '',
  refused: RefusedReport | undefined,
  rollback: Rollback | undefined,
): string {
  const name = `r${report.revision}`;
  if (report.outcome !== report.expected) return `${name}: ${report.outcome} instead of ${report.expected}`;
  if (refused) return `${name} refused by its check, its stack ${refused.stackLeft ? 'is left' : 'destroyed'}`;
  if (rollback) return `all traffic back on ${name} in ${Math.round(rollback.millis)} ms`;
  return `${name} is live: ${artifact}`;
}

/** Shows a rollout until it is over. */
async function follow({ client, stage, signal }: Cast, ticket: Ticket, index: number): Promise<RolloutStatus> {
  const over = new AbortController();
  const shown = poll(LOOK_EVERY_MS, over.signal, async () => {
    const status = await client.rollout(ticket.service, ticket.rollout).catch(() => undefined);
    if (status && !over.signal.aborted) stage.rollout(index, status);
    return false;
  });
  try {
    const status = await client.waitForRollout(ticket.service, ticket.rollout, signal);
    stage.rollout(index, status);
    return status;
  } finally {
    over.abort();
    await shown;
  }
}

/** The load begins with the first live revision. Returns whether it did, and what each revision was ever seen to serve. */
async function watchTraffic({ router, service, load, stage }: Cast, signal: AbortSignal) {
  const served = new Map<number, number>();
  let began = false;
  while (!signal.aborted) {
    // A router that is being started again is asked again; what it failed to serve is counted by the load.
    const route = await router.observe(service).catch(() => undefined);
    if (route) {
      if (!began && route.targets.some(({ weight }) => weight > 0)) {
        const origin = endpointUrl(route.address);
        load.start({ origin, perSecond: REQUESTS_PER_SECOND });
        stage.loadBegins(REQUESTS_PER_SECOND, origin);
        began = true;
      }
      for (const target of route.targets) served.set(target.revision, target.served);
      stage.load = load.report;
      stage.traffic(route);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return { began, served };
}

async function refusedReport({ folder, service }: Cast, revision: number, log: LogCounts): Promise<RefusedReport> {
  const stackLeft = (await stacks(folder)).includes(stackName(service, revision));
  return { revision, requests: log.others, checks: log.checks, stackLeft };
}

function rollbackReport({ calledAt, millis }: Rollback, load: LoadReport | undefined): RollbackReport {
  const answers = Object.values(load?.answers ?? {});
  // Answers of the warm version go on to the end; the other one's stop with the rollback.
  const last = Math.min(...answers.map(({ lastSentAt }) => lastSentAt));
  return { millis, lastOldAnswerMillis: Number.isFinite(last) ? Math.max(0, last - calledAt) : 0 };
}

function logOf({ folder, service }: Cast, revision: number): string {
  const id = { project: service.environment, stack: stackName(service, revision) };
  return logPath(revisionDir(folder.stacks, id), 'p1');
}
