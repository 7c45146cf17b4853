import { endSentence } from '../sentences.ts';
import type { HookAnswer } from './answer.ts';
import { type HookRef, type HookRole, formatHookPoint } from './hook.ts';

/** What a hook has said in a rollout: of a hook that is called in each step of a plan, in the latest. */
export interface HookReport extends Pick<HookRef, 'name' | 'moment' | 'phase'> {
  /** Of a plan that has several. */
  step?: number;
  /** Absent until it was called. */
  status?: HookAnswer['status'];
  reason?: string;
  /** How often it was called. */
  calls: number;
  /** When it was called first, and when it said this, ISO 8601. */
  startedAt: string;
  answeredAt?: string;
  /** It was told, and nothing follows from what it says. */
  isTold?: boolean;
  /** It failed, and nothing follows from that. */
  isIgnored?: boolean;
}

/** Reports with one more: it takes the place of one of the same hook. */
export function addHookReport(reports: readonly HookReport[], report: HookReport): HookReport[] {
  const at = reports.findIndex(({ name }) => name === report.name);
  return at < 0 ? [...reports, report] : reports.with(at, report);
}

/** What came of a hook in the end. One that is in progress, or unanswered, when its time is over has failed. */
export function concludeHook(
  hook: Pick<HookRef, 'name' | 'moment' | 'phase' | 'onFailure'>,
  answer: HookAnswer,
  waited: string,
): HookAnswer {
  const { status, reason } = answer;
  if (status === 'succeeded' || status === 'failed') return answer;
  const still = status === 'in-progress' ? `was still in progress after ${waited}` : `gave no answer within ${waited}`;
  return { status: 'failed', reason: reason === undefined ? `it ${still}` : `it ${still}: ${reason}` };
}

/** Why a rollout is put back over a hook: `hook smoke, before shift, failed: the queue is not empty`. */
export function describeHookFailure(
  { name, moment, phase }: Pick<HookRef, 'name' | 'moment' | 'phase'>,
  { reason }: Pick<HookAnswer, 'reason'>,
): string {
  const said = reason === undefined ? '' : `: ${reason}`;
  return `hook ${name}, ${formatHookPoint({ moment, phase })}, failed${said}`;
}

/** What a hook said, in words: `succeeded`, `failed, which is ignored`. */
export function describeHookStatus({ status, isIgnored, isTold }: HookReport): string {
  if (status === undefined) return 'is being called';
  const word = {
    succeeded: 'succeeded',
    failed: 'failed',
    'in-progress': 'is in progress',
    unanswered: 'did not answer',
  }[status];
  const isOf = isTold && status !== 'succeeded';
  return isIgnored || isOf ? `${word}, from which nothing follows` : word;
}

/** Those that did not simply succeed, as sentences. */
export function narrateHooks(reports: readonly HookReport[] = []): string[] {
  return reports
    .filter(({ status }) => status !== 'succeeded')
    .map((report) => {
      const { name, step, reason, calls } = report;
      const where = `${formatHookPoint(report)}${step === undefined ? '' : ` of step ${step}`}`;
      const times = calls === 1 ? 'called once' : `called ${calls} times`;
      const said = reason === undefined ? '' : `: ${reason}`;
      return endSentence(`Hook ${name}, ${where}, ${describeHookStatus(report)} (${times})${said}`);
    });
}

/** What a wait for a hook is told by. */
export function describeHookWait(
  hook: HookRef,
  role: HookRole,
  last: HookAnswer | undefined,
): { on: string; endedBy: string; then: string } {
  const said = last === undefined ? '' : `; it ${last.status === 'in-progress' ? 'is in progress' : 'did not answer'}`;
  const reason = last?.reason === undefined ? '' : `: ${last.reason}`;
  return {
    on: `hook ${hook.name}, ${formatHookPoint(hook)}${said}${reason}`,
    endedBy: 'its answer, or abort',
    then:
      hook.onFailure === 'rollback' && role === 'asked'
        ? 'the rollout goes on where it succeeds, else it is put back'
        : 'the rollout goes on',
  };
}
