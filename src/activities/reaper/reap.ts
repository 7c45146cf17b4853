import { locateVariant } from '../../domain/experiment/experiment.ts';
import type { Lease } from '../../domain/experiment/lease.ts';
import { computeBackoffMs } from '../../domain/backoff.ts';
import type { ReaperNote, StackName } from '../../domain/reaper/facts.ts';
import { type Judgement, judgeStack } from '../../domain/reaper/judge.ts';
import { createConfigRedactor } from '../../secrets/secrets.ts';
import { OperationAborted, StackBusyError, type StackDriver, type StackInput } from '../../stacks/driver.ts';
import { CancelledFailure } from '@temporalio/common';
import { withHeartbeats } from '../heartbeat.ts';
import { Facts } from './facts.ts';
import { settleLostRun } from './lost-runs.ts';
import { ReaperJournal } from './reaper-journal.ts';
import type { SurveyParts } from './survey.ts';

export type ReapParts = SurveyParts & { stacks: Pick<StackDriver, 'reap'> };

/** It is somebody's after all, or nobody can tell. */
class StaysError extends Error {
  override readonly name = 'StaysError';
  readonly is: Judgement['is'];
  constructor({ is, because }: Judgement) {
    super(because);
    this.is = is;
  }
}

/**
 * Destroys a stack that a look has found nobody to own, once. Returns what has come of it, in words: a failure is noted, and
 * the next look goes by that.
 */
export async function reap(id: StackName, parts: ReapParts): Promise<string> {
  const { log } = parts.reaper;
  const note = await log.note(id);
  if (note?.triedAt === undefined) return 'no look has found it without an owner';
  const lease = await parts.experiments.leases.find(id);
  const redact = await createConfigRedactor(lease?.blueprint.config ?? {});
  try {
    await destroy(id, lease, parts);
  } catch (error) {
    if (error instanceof OperationAborted) throw new CancelledFailure(redact(error.message));
    return noteFailure(note, error, redact, parts);
  }
  await settle(note, lease, parts);
  return 'it is gone';
}

async function destroy(id: StackName, lease: Lease | undefined, parts: ReapParts): Promise<void> {
  const confirm = async (): Promise<void> => {
    const facts = await new Facts({ ...parts, workflows: parts.reaper.workflows }).of(id);
    const judged = judgeStack(id, facts, new Date());
    if (judged.is !== 'ownerless' || judged.reason === 'teardown') throw new StaysError(judged);
  };
  await withHeartbeats((signal, report) =>
    parts.stacks.reap(id, {
      signal,
      onProgress: ({ message: _quoted, ...progress }) => report(progress),
      confirm,
      ...(lease ? { madeFrom: inputOf(lease) } : {}),
    }),
  );
}

/** In this order: what is not done yet when this is repeated is found by the note. */
async function settle(note: ReaperNote, lease: Lease | undefined, parts: ReapParts): Promise<void> {
  const journal = new ReaperJournal(parts.audit);
  await journal.reaped(note);
  if (lease) {
    await parts.experiments.leases.release(note);
    await journal.released(lease);
    const facts = new Facts({ ...parts, workflows: parts.reaper.workflows });
    await settleLostRun(lease.run, { ...parts, facts, journal });
  }
  await parts.reaper.log.forgetNote(note);
}

async function noteFailure(
  note: ReaperNote,
  error: unknown,
  redact: (text: string) => string,
  { reaper: { log, settings } }: ReapParts,
): Promise<string> {
  if (error instanceof StaysError && error.is !== 'unclear') {
    await log.forgetNote(note);
    return `it stays: ${error.message}`;
  }
  // Neither says anything about whether it can be destroyed.
  const isNoAttempt = error instanceof StackBusyError || error instanceof StaysError;
  const attempts = isNoAttempt ? note.attempts - 1 : note.attempts;
  const { retryMs, longestRetryMs } = settings.policy;
  const pause = computeBackoffMs(Math.max(1, attempts), retryMs, longestRetryMs);
  const lastError = redact(error instanceof Error ? error.message : String(error)).slice(0, 2_000);
  const dueAt = new Date(Date.now() + pause).toISOString();
  await log.saveNote({ ...note, attempts, dueAt, lastError });
  return `it could not be destroyed: ${lastError}`.slice(0, 400);
}

/** What the stack was made from. */
function inputOf({ run, variant, artifact, blueprint }: Lease): StackInput {
  return { ...locateVariant(run.experiment, run.run, variant), artifact, blueprint };
}
