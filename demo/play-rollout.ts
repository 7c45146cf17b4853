import { randomUUID } from 'node:crypto';
import { logPath, revisionDir } from '../blueprints/local-process/layout.ts';
import { pollUntil } from '../src/cli/waiting.ts';
import type { Receipt } from '../src/domain/service/requests.ts';
import { formatStackName } from '../src/domain/service/revision.ts';
import type { RolloutStatus } from '../src/domain/rollout/status.ts';
import type { Cast } from './cast.ts';
import type { RolloutChapter } from './chapters.ts';
import { stacks } from './leftovers.ts';
import { type LogCounts, watchLog } from './refused-log.ts';
import type { CaughtReport, RefusedReport, RolloutReport } from './report.ts';
import { measureRollback } from './rollback.ts';

const LOOK_EVERY_MS = 100;

export interface Rollback {
  calledAt: number;
  millis: number;
}

interface Performance {
  report: RolloutReport;
  refused?: RefusedReport;
  caught?: CaughtReport;
  rollback?: Rollback;
}

/** Asks for a rollout, shows it until it is over, and measures what there is to measure. */
export async function playRollout(cast: Cast, chapter: RolloutChapter, index: number): Promise<Performance> {
  cast.stage.begin(index);
  const seen = new AbortController();
  const log = chapter.expected === 'failed' ? watchLog(logOf(cast, chapter.revision), seen.signal) : undefined;
  const began = performance.now();
  let rollback: Rollback | undefined;
  let status: RolloutStatus;
  try {
    const request = (): Promise<Receipt> =>
      chapter.request(cast.client, { actor: 'demo', reason: chapter.title, requestId: randomUUID() });
    const asked = chapter.isRollback
      ? await measureRollback(cast.router, cast.service, chapter.revision, request)
      : { receipt: await request() };
    if ('millis' in asked) rollback = asked;
    status = await follow(cast, asked.receipt, index);
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
  const caught = chapter.expected === 'rolled-back' ? caughtReport(status) : undefined;
  const { seconds } = report;
  const isGood = report.outcome === report.expected;
  cast.stage.end(index, { isGood, seconds, ending: ending(report, status.artifact, { refused, caught, rollback }) });
  return { report, ...(refused ? { refused } : {}), ...(caught ? { caught } : {}), ...(rollback ? { rollback } : {}) };
}

function ending(
  report: RolloutReport,
  artifact = '',
  { refused, caught, rollback }: { [Part in 'refused' | 'caught' | 'rollback']: Performance[Part] | undefined },
): string {
  const name = `r${report.revision}`;
  if (report.outcome !== report.expected) return `${name}: ${report.outcome} instead of ${report.expected}`;
  if (refused) return `${name} refused by its check, its stack ${refused.stackLeft ? 'is left' : 'destroyed'}`;
  if (caught)
    return `${name} caught at ${caught.weight} % by ${caught.check ?? 'nothing that is known'}, its traffic back`;
  if (rollback) return `all traffic back on ${name} in ${Math.round(rollback.millis)} ms`;
  return `${name} is live: ${artifact}`;
}

/** Shows a rollout until it is over. */
async function follow({ client, stage, signal }: Cast, receipt: Receipt, index: number): Promise<RolloutStatus> {
  const over = new AbortController();
  const shown = pollUntil(LOOK_EVERY_MS, over.signal, async () => {
    const status = await client.rollout(receipt.service, receipt.rollout).catch(() => undefined);
    if (status && !over.signal.aborted) stage.show(index, status.phases);
    return false;
  });
  try {
    const status = await client.waitForRollout(receipt.service, receipt.rollout, signal);
    stage.show(index, status.phases);
    return status;
  } finally {
    over.abort();
    await shown;
  }
}

function caughtReport({ revision = 0, steps, verdicts, exposure, plan }: RolloutStatus): CaughtReport {
  const check = verdicts.find(({ phase, verdict }) => phase === 'bake' && verdict === 'fail')?.check;
  return {
    revision,
    ...(check === undefined ? {} : { check }),
    weight: Math.max(0, ...steps.filter(({ startedAt }) => startedAt !== undefined).map(({ weight }) => weight)),
    exposureMs: exposure?.totalMs ?? 0,
    worstExposureMs: plan?.worstExposureMs ?? 0,
  };
}

async function refusedReport({ folder, service }: Cast, revision: number, log: LogCounts): Promise<RefusedReport> {
  const stackLeft = (await stacks(folder)).includes(formatStackName(service, revision));
  return { revision, requests: log.others, checks: log.checks, stackLeft };
}

function logOf({ folder, service }: Cast, revision: number): string {
  const id = { project: service.environment, stack: formatStackName(service, revision) };
  return logPath(revisionDir(folder.stacks, id), 'p1');
}
