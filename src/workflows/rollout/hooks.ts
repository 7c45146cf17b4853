import { ApplicationFailure, CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { formatDuration } from '../../domain/duration.ts';
import type { HookAnswer } from '../../domain/hooks/answer.ts';
import { type HookEvent, formatHookId } from '../../domain/hooks/event.ts';
import {
  type HookMoment,
  type HookRef,
  TOLD_LIMIT_MS,
  formatHookPoint,
  readHookRole,
} from '../../domain/hooks/hook.ts';
import { computeNextCallMs } from '../../domain/hooks/pace.ts';
import { type HookReport, concludeHook, describeHookFailure, describeHookWait } from '../../domain/hooks/report.ts';
import type { PlannedStep } from '../../domain/rollout/plan.ts';
import type { Phase } from '../../domain/rollout/rollout.ts';
import type { RolloutInput, RolloutRef } from '../../domain/service/requests.ts';
import type { DeployedRevision } from '../../domain/service/revision-set.ts';
import { callingHook, localFirst } from '../shared/activities.ts';
import { HAND_OVER_MS, toHookAnswer } from '../shared/hook-call.ts';
import type { Controls } from './controls.ts';
import type { Progress } from './progress.ts';

/** What of a rollout its hooks are called with. */
export interface HookedRollout {
  readonly input: RolloutInput;
  readonly ref: RolloutRef;
  readonly progress: Progress;
  readonly controls: Controls;
  readonly candidate: DeployedRevision | undefined;
  /** The webhooks that it calls, once they are known. */
  readonly hooks: readonly HookRef[];
  /** Calls of which nothing is waited for but that they were made. */
  readonly told: Promise<void>[];
  /** The step that is carried out. */
  readonly currentStep: Pick<PlannedStep, 'number' | 'of' | 'weight'> | undefined;
  /** How often what is under way was begun anew after it had failed. */
  readonly retries: number;
  /** Somebody has said that what failed counts as passed. */
  readonly isPassedOver: boolean;
}

/**
 * Calls the hooks of a moment, one after the other. Those that are asked are waited for, and end the rollout where they fail; those that
 * are told are called beside it, and {@link awaitToldHooks} waits for them at its end.
 *
 * @returns whether any was waited for
 */
export async function callHooks(run: HookedRollout, moment: HookMoment, phase: Phase): Promise<boolean> {
  if (run.controls.isPuttingBack) return false;
  const due = run.hooks.filter((hook) => hook.moment === moment && hook.phase === phase);
  for (const hook of due) {
    if (readHookRole(run.input.kind, hook) === 'told') run.told.push(tell(run, hook));
    else await run.controls.whileSafe(() => ask(run, hook));
  }
  return due.some((hook) => readHookRole(run.input.kind, hook) === 'asked');
}

/** Until all that was told has been heard, or has had its time. */
export async function awaitToldHooks(run: HookedRollout): Promise<void> {
  await Promise.all(run.told.splice(0));
}

async function ask(run: HookedRollout, hook: HookRef): Promise<void> {
  const begun = Date.now();
  const event = buildEvent(run, hook);
  const report = buildReport(hook, event);
  const until = new Date(begun + hook.waitForMs).toISOString();
  let last: HookAnswer | undefined;
  try {
    for (let attempt = 1; ; attempt += 1) {
      const wait = describeHookWait(hook, 'asked', last);
      run.progress.wait({ ...wait, since: report.startedAt, until });
      run.progress.heardHook({ ...report, ...said(last), calls: attempt });
      last = await call(run, hook, event, attempt);
      const isOver = last.status === 'succeeded' || last.status === 'failed';
      const nextMs = isOver ? undefined : computeNextCallMs(Date.now() - begun, hook.waitForMs, last.retryAfterMs);
      if (nextMs === undefined) {
        await conclude(run, hook, event, { ...report, calls: attempt }, last);
        return;
      }
      run.progress.wait({ ...describeHookWait(hook, 'asked', last), since: report.startedAt, until });
      run.progress.heardHook({ ...report, ...said(last), calls: attempt });
      await sleep(nextMs, { summary: `hook ${hook.name} is asked again` });
    }
  } finally {
    run.progress.wait(undefined);
  }
}

async function conclude(
  run: HookedRollout,
  hook: HookRef,
  event: HookEvent,
  begun: HookReport,
  answer: HookAnswer,
): Promise<void> {
  const found = concludeHook(hook, answer, formatDuration(hook.waitForMs));
  const isIgnored = found.status === 'failed' && (hook.onFailure === 'ignore' || run.isPassedOver);
  await heard(run, event, { ...begun, ...said(found), ...(isIgnored ? { isIgnored } : {}) });
  if (found.status === 'succeeded' || isIgnored) return;
  throw ApplicationFailure.create({
    type: 'HookFailed',
    message: describeHookFailure(hook, found),
    nonRetryable: true,
  });
}

/** Never fails: nothing follows from what it says. */
function tell(run: HookedRollout, hook: HookRef): Promise<void> {
  return CancellationScope.nonCancellable(async () => {
    const event = buildEvent(run, hook);
    const report: HookReport = { ...buildReport(hook, event), calls: 1, isTold: true };
    run.progress.heardHook(report);
    const answer = await call(run, hook, event, 1, TOLD_LIMIT_MS);
    await heard(run, event, { ...report, ...said(answer) });
  });
}

async function heard(run: HookedRollout, event: HookEvent, report: HookReport): Promise<void> {
  const { name } = report;
  const summary = `what hook ${name} said`;
  await localFirst('recordHook', summary, [{ ref: run.ref, id: formatHookId(event), report }]);
  run.progress.heardHook(report);
}

/** One call. Whatever becomes of it is an answer, but for its being called off. */
async function call(
  run: HookedRollout,
  hook: HookRef,
  event: HookEvent,
  attempt: number,
  limitMs = hook.timeoutMs + HAND_OVER_MS,
): Promise<HookAnswer> {
  const id = formatHookId(event);
  const task = { ref: run.ref, event, id, attempt, timeoutMs: Math.min(hook.timeoutMs, limitMs) };
  const summary = `hook ${hook.name}, ${formatHookPoint(hook)}${attempt === 1 ? '' : `, call ${attempt}`}`;
  try {
    return await callingHook(limitMs).callHook.executeWithOptions({ summary }, [task]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return toHookAnswer(error);
  }
}

function said(answer: HookAnswer | undefined): Partial<HookReport> {
  if (!answer) return {};
  const { status, reason } = answer;
  return { status, ...(reason === undefined ? {} : { reason }), answeredAt: new Date().toISOString() };
}

function buildReport({ name, moment, phase }: HookRef, { step }: HookEvent): HookReport {
  const startedAt = new Date().toISOString();
  return { name, moment, phase, ...(step ? { step: step.number } : {}), calls: 0, startedAt };
}

function buildEvent({ input, progress, candidate, currentStep, retries }: HookedRollout, hook: HookRef): HookEvent {
  const { name, moment, phase } = hook;
  const { artifact, previous, preview, verdicts } = progress.status;
  const { service, number, kind, revision } = input;
  const isOfStep = phase === 'shift' || phase === 'bake';
  return {
    ...{ service, rollout: number, kind, hook: { name, moment, phase } },
    ...(isOfStep && currentStep && currentStep.of > 1
      ? { step: { number: currentStep.number, of: currentStep.of, weight: currentStep.weight } }
      : {}),
    ...(retries === 0 ? {} : { retry: retries }),
    ...(revision ? { revision: revision.number } : {}),
    ...(artifact === undefined ? {} : { artifact }),
    ...(previous === undefined ? {} : { previous }),
    ...(candidate ? { endpoints: candidate.endpoints } : {}),
    ...(preview === undefined ? {} : { preview }),
    ...(verdicts.length === 0 ? {} : { verdicts: verdicts.map(({ check, verdict }) => ({ check, verdict })) }),
  };
}
