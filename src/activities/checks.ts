import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { type Subject, recheck, runCheck } from '../checks/run.ts';
import type { CheckSpec, Verdict } from '../domain/checks.ts';
import type { RolloutRef } from '../domain/requests.ts';
import { beating } from './heartbeat.ts';
import type { Journal } from './journal.ts';

export interface CheckTask {
  ref: RolloutRef;
  subject: Subject;
  check: CheckSpec;
}

export interface RecheckTask {
  ref: RolloutRef;
  subject: Subject;
  checks: CheckSpec[];
}

export interface BakeTask extends RecheckTask {
  /** When the bake is over, ISO 8601; a repeated attempt bakes to the same moment. */
  until: string;
}

/** How often a revision under traffic is asked. */
const BAKE_INTERVAL_MS = 1_000;

/** Validates revisions. A failed check is a verdict, not a failed activity: only what might differ next time is retried. */
export function checkActivities(journal: Journal) {
  return {
    async check({ ref, subject, check }: CheckTask): Promise<Verdict> {
      const verdict = await beating((signal, report) =>
        untilCancelled(runCheck(check, subject, signal, report), signal),
      );
      await record(journal, ref, `validate-${check.name}`, verdict);
      return verdict;
    },

    /** A quick look at a revision that has passed these checks before. */
    async recheck({ ref, subject, checks }: RecheckTask): Promise<Verdict[]> {
      const verdicts = await beating((signal) => untilCancelled(lookAgain(checks, subject, signal), signal));
      for (const verdict of verdicts) await record(journal, ref, `recheck-${verdict.check}`, verdict);
      return verdicts;
    },

    /** Watches a revision under traffic; ends at the first failure that is not a blip, else when the bake is over. */
    async bake({ ref, subject, checks, until }: BakeTask): Promise<Verdict[]> {
      const verdicts = await beating((signal, report) =>
        untilCancelled(bakeFor(leftUntil(until), checks, subject, signal, report), signal),
      );
      for (const verdict of verdicts) await record(journal, ref, `bake-${verdict.check}`, verdict);
      return verdicts;
    },
  };
}

/**
 * Milliseconds from this attempt's beginning to a moment on Temporal's clock. This machine's own may differ, and may be
 * set while the bake goes on: it would end too early, or not at all.
 */
function leftUntil(moment: string): number {
  return Date.parse(moment) - activityInfo().currentAttemptScheduledTimestampMs;
}

/** At least one look, however late it is: no data is never a pass. */
async function bakeFor(
  millis: number,
  checks: CheckSpec[],
  subject: Subject,
  signal: AbortSignal,
  report: (details: unknown) => void,
): Promise<Verdict[]> {
  const end = performance.now() + millis;
  for (let looks = 1; ; looks += 1) {
    const verdicts = await lookAgain(checks, subject, signal);
    report({ looks, latest: verdicts.map((verdict) => verdict.evidence) });
    const left = end - performance.now();
    if (left <= 0 || verdicts.some((verdict) => verdict.verdict !== 'pass')) return verdicts;
    await sleep(Math.min(BAKE_INTERVAL_MS, left), undefined, { signal });
  }
}

function lookAgain(checks: CheckSpec[], subject: Subject, signal: AbortSignal): Promise<Verdict[]> {
  return Promise.all(checks.map((check) => recheck(check, subject, signal)));
}

async function untilCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) throw new CancelledFailure('the check was called off');
    throw error;
  }
}

async function record(journal: Journal, ref: RolloutRef, step: string, verdict: Verdict): Promise<void> {
  const { check, revision, evidence } = verdict;
  await journal.writeFirst(
    ref,
    'check.judged',
    `${step}-${verdict.verdict}`,
    { check, revision: `r${revision}`, verdict: verdict.verdict },
    evidence,
  );
}
