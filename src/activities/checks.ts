import { CancelledFailure } from '@temporalio/common';
import { type RedactedCheck, type Subject, recheck, runCheck } from '../evidence/checks/run.ts';
import type { RolloutVerdict, Verdict } from '../domain/evidence/checks.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import { type Revision, formatRevisionName } from '../domain/service/revision.ts';
import { createConfigRedactor } from '../secrets/secrets.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import { createPermanentFailure } from './failures.ts';
import { withHeartbeats } from './heartbeat.ts';
import type { Journal } from './journal.ts';
import type { Recorder } from './recorder.ts';
import { requireRevision } from './require-revision.ts';

export interface CheckTask {
  ref: RolloutRef;
  subject: Subject;
  /** Its name; what it asks is recorded with the revision. */
  check: string;
}

export interface RecheckTask {
  ref: RolloutRef;
  subject: Subject;
}

export interface VerdictsTask {
  ref: RolloutRef;
  verdicts: RolloutVerdict[];
  /** The baseline that some of them are of. */
  baseline?: number;
  /** How often the step was begun anew after it had failed; absent at first. */
  retry?: number;
}

export type Revisions = Pick<Catalogue, 'revision'>;

/** Validates revisions. A failed check is a verdict, not a failed activity: only what might differ next time is retried. */
export function checkActivities(catalogue: Revisions) {
  return {
    async check({ ref, subject, check: name }: CheckTask): Promise<Verdict> {
      const check = (await readChecks(catalogue, { ref, subject })).find((each) => each.name === name);
      if (!check)
        throw createPermanentFailure('NotRecorded', `${formatRevisionName(subject.revision)} has no check ${name}`);
      return withHeartbeats((signal, report) => raceCancellation(runCheck(check, subject, signal, report), signal));
    },
  };
}

/** Records what was found, before anything follows from it. */
export function verdictActivities({ catalogue, atOnce }: Recorder) {
  return {
    recordVerdicts({ ref, verdicts, baseline, retry }: VerdictsTask): Promise<void> {
      return atOnce(async ({ journal }) => {
        for (const verdict of verdicts) await record(journal, ref, momentOf(verdict, baseline), verdict, retry);
      });
    },

    /** A quick look at a revision that has passed these checks before. */
    async recheck({ ref, subject }: RecheckTask): Promise<Verdict[]> {
      const checks = await readChecks(catalogue, { ref, subject });
      const verdicts = await withHeartbeats((signal) => raceCancellation(recheckAll(checks, subject, signal), signal));
      await atOnce(async ({ journal }) => {
        for (const verdict of verdicts) await record(journal, ref, 'recheck', { ...verdict, phase: 'validate' });
      });
      return verdicts;
    },
  };
}

/** What they quote ends in histories and in the record: without the values that were handed to the revision's processes. */
export async function createRedactedChecks({
  checks,
  blueprint,
}: Pick<Revision, 'checks' | 'blueprint'>): Promise<RedactedCheck[]> {
  const redact = await createConfigRedactor(blueprint.config);
  return checks.map((check) => ({ ...check, redact }));
}

/** What a revision has to prove, as it is recorded. */
export async function readChecks(catalogue: Revisions, { ref, subject }: RecheckTask): Promise<RedactedCheck[]> {
  return createRedactedChecks(await requireRevision(catalogue, ref.service, subject.revision));
}

export function recheckAll(checks: RedactedCheck[], subject: Subject, signal: AbortSignal): Promise<Verdict[]> {
  return Promise.all(checks.map((check) => recheck(check, subject, signal)));
}

export async function raceCancellation<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) throw new CancelledFailure('the check was called off');
    throw error;
  }
}

/** A plan may have many steps that bake, and each has evidence of its own: `bake-2`. So has a baseline: `bake-2-r3`. */
function momentOf({ phase, step, revision }: RolloutVerdict, baseline: number | undefined): string {
  const moment = step === undefined ? phase : `${phase}-${step}`;
  return revision === baseline ? `${moment}-${formatRevisionName(revision)}` : moment;
}

async function record(
  journal: Journal,
  ref: RolloutRef,
  moment: string,
  found: RolloutVerdict,
  retry?: number,
): Promise<void> {
  const { check, revision, verdict, evidence, phase, step, reading, numbers, isDryRun } = found;
  const data = {
    check,
    revision: formatRevisionName(revision),
    verdict,
    phase,
    ...(step === undefined ? {} : { step }),
    ...(retry === undefined ? {} : { retry }),
    ...(reading === undefined ? {} : { reading: { ...reading, from: found.from, to: found.to } }),
    ...(numbers === undefined ? {} : { numbers }),
    ...(isDryRun ? { isDryRun } : {}),
  };
  await journal.writeFirst(ref, 'check.judged', nameAttempt(`${moment}-${check}-${verdict}`, retry), data, evidence);
}

/** The key of what is recorded of a step: of one that was begun anew after it had failed, once each time. */
export function nameAttempt(key: string, retry: number | undefined): string {
  return retry === undefined ? key : `${key}-retry-${retry}`;
}
