import { CancelledFailure } from '@temporalio/common';
import { type HookAnswer, clipReason, readHookAnswer } from '../domain/hooks/answer.ts';
import { type HookEvent, buildHookBody } from '../domain/hooks/event.ts';
import { type HookSpec, formatHookPoint } from '../domain/hooks/hook.ts';
import type { HookReport } from '../domain/hooks/report.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import { type HookCaller, HookRefusedError, HookUnavailableError } from '../hooks/caller.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import { createPermanentFailure } from './failures.ts';
import { withHeartbeats } from './heartbeat.ts';
import type { Journal } from './journal.ts';

export interface HookTask {
  ref: RolloutRef;
  event: HookEvent;
  /** The `webhook-id`. */
  id: string;
  /** From 1 on. */
  attempt: number;
  /** How long this call may take, in milliseconds. */
  timeoutMs: number;
}

export interface HookReportTask {
  ref: RolloutRef;
  id: string;
  report: HookReport;
}

/** Calls hooks. What a hook answers is a result; only what might differ next time is retried, by the workflow. */
export function hookActivities(catalogue: Pick<Catalogue, 'requests'>, hooks: HookCaller, journal: Journal) {
  return {
    /** @throws ApplicationFailure `NotRecorded` where the rollout was asked for without such a hook */
    async callHook({ ref, event, id, attempt, timeoutMs }: HookTask): Promise<HookAnswer> {
      const hook = (await catalogue.requests.entry(ref.service, ref.number))?.hooks?.find(
        ({ name }) => name === event.hook.name,
      );
      if (!hook)
        throw createPermanentFailure('NotRecorded', `hook ${event.hook.name} is not recorded with this rollout`);
      await journal.writeFirst(ref, 'hook.called', id, describeCall(hook, id));
      const body = buildHookBody(event, attempt, new Date().toISOString());
      const { url, secret } = hook;
      return withHeartbeats((signal) => callOnce(hooks, { url, secret, id, body, timeoutMs }, signal));
    },
  };
}

/** Records what came of hooks. */
export function hookReportActivities(journal: Journal) {
  return {
    /** What a hook said in the end, before anything follows from it. */
    async recordHook({ ref, id, report }: HookReportTask): Promise<void> {
      const { name, status = 'unanswered', calls, startedAt, answeredAt, isTold, isIgnored, step, reason } = report;
      const data = {
        ...{ hook: name, at: formatHookPoint(report), id, status, calls, startedAt },
        ...(answeredAt === undefined ? {} : { answeredAt }),
        ...(step === undefined ? {} : { step }),
        ...(isTold ? { isTold } : {}),
        ...(isIgnored ? { isIgnored } : {}),
      };
      await journal.writeFirst(ref, 'hook.answered', id, data, reason);
    },
  };
}

export async function callOnce(
  hooks: HookCaller,
  call: Parameters<HookCaller['call']>[0],
  signal: AbortSignal,
): Promise<HookAnswer> {
  try {
    return readHookAnswer(await hooks.call(call, signal));
  } catch (error) {
    if (signal.aborted) throw new CancelledFailure('the hook was called off');
    if (error instanceof HookUnavailableError) return { status: 'unanswered', reason: clipReason(error.message) };
    if (error instanceof HookRefusedError) return { status: 'failed', reason: clipReason(error.message) };
    throw error;
  }
}

/** Without the query of its URL, which may hold a token. */
function describeCall(hook: HookSpec, id: string): { hook: string; at: string; id: string; url: string } {
  const { origin, pathname } = new URL(hook.url);
  return { hook: hook.name, at: formatHookPoint(hook), id, url: `${origin}${pathname}` };
}
