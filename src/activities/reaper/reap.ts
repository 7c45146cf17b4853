import { log } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { locateVariant } from '../../domain/experiment/experiment.ts';
import type { Lease } from '../../domain/experiment/lease.ts';
import { computeBackoffMs } from '../../domain/backoff.ts';
import type { ReaperNote, StackName } from '../../domain/reaper/facts.ts';
import { type Judgement, judgeStack } from '../../domain/reaper/judge.ts';
import { createConfigRedactor } from '../../secrets/secrets.ts';
import {
  OperationAborted,
  OtherHostError,
  StackBusyError,
  type StackDriver,
  type StackInput,
} from '../../stacks/driver.ts';
import { formatRunName } from '../../domain/experiment/run.ts';
import { addressActivities } from '../experiment/addresses.ts';
import { RunJournal } from '../experiment/run-journal.ts';
import { createPermanentFailure } from '../failures.ts';
import { withHeartbeats } from '../heartbeat.ts';
import { Facts } from './facts.ts';
import { settleLostRun } from './lost-runs.ts';
import { ACTOR, ReaperJournal } from './reaper-journal.ts';
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
 *
 * @throws ApplicationFailure `OtherHost` where only workers of another host can
 */
export async function reap(id: StackName, parts: ReapParts): Promise<string> {
  const note = await parts.reaper.log.note(id);
  if (note?.triedAt === undefined) return 'no look has found it without an owner';
  const lease = await parts.experiments.leases.find(id);
  const redact = await createConfigRedactor(lease?.blueprint.config ?? {});
  try {
    if (lease) await closeAddresses(lease, parts);
    await destroy(id, lease, parts);
  } catch (error) {
    if (error instanceof OperationAborted) throw new CancelledFailure(redact(error.message));
    const outcome = await noteFailure(note, error, redact, parts);
    // It is tried there next; where that host is away, the next look finds it noted as not tried.
    if (error instanceof OtherHostError) throw createPermanentFailure('OtherHost', outcome, error.host);
    return outcome;
  }
  await settle(note, lease, parts);
  return 'it is gone';
}

/** Nobody is to be led there any more. A router that does not answer keeps no stack. */
async function closeAddresses({ run, workflowId }: Lease, parts: ReapParts): Promise<void> {
  const { experiments, routers, audit, reaper } = parts;
  const { plan } = (await experiments.runs.find(run)) ?? {};
  // A workflow that goes on does so itself.
  if (!plan?.addresses || (await reaper.workflows.look(workflowId)) !== 'gone') return;
  const addresses = addressActivities(experiments, routers, new RunJournal(audit));
  await addresses.closeAddresses({ ref: run, actor: ACTOR, variants: [] }).catch((error: unknown) => {
    log.warn(`the addresses of ${formatRunName(run)} could not be closed`, { error: String(error) });
  });
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
    const runs = new RunJournal(parts.audit);
    const data = { stack: lease.stack };
    await runs.write(lease.run, { type: 'lease.released', step: lease.variant, actor: ACTOR, data });
    const facts = new Facts({ ...parts, workflows: parts.reaper.workflows });
    await settleLostRun(lease.run, { ...parts, facts, journal: runs });
  }
  await parts.reaper.log.forgetNote(note);
}

async function noteFailure(
  note: ReaperNote,
  error: unknown,
  redact: (text: string) => string,
  { reaper: { log: notes, settings } }: ReapParts,
): Promise<string> {
  if (error instanceof StaysError && error.is !== 'unclear') {
    await notes.forgetNote(note);
    return `it stays: ${error.message}`;
  }
  // None says anything about whether it can be destroyed: the next look tries again.
  const isNoAttempt = error instanceof StackBusyError || error instanceof StaysError || error instanceof OtherHostError;
  const attempts = isNoAttempt ? note.attempts - 1 : note.attempts;
  const { retryMs, longestRetryMs } = settings.policy;
  const pause = isNoAttempt ? 0 : computeBackoffMs(attempts, retryMs, longestRetryMs);
  const lastError = redact(error instanceof Error ? error.message : String(error)).slice(0, 2_000);
  const dueAt = new Date(Date.now() + pause).toISOString();
  await notes.saveNote({ ...note, attempts, dueAt, lastError });
  return `it could not be destroyed: ${lastError}`.slice(0, 400);
}

/** What the stack was made from. */
function inputOf({ run, variant, artifact, blueprint }: Lease): StackInput {
  return { ...locateVariant(run.experiment, run.run, variant), artifact, blueprint };
}
