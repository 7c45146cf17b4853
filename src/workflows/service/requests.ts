import { ApplicationFailure } from '@temporalio/workflow';
import type { CommandReading, ReleaseDescription } from '../../activities/commands.ts';
import type { ToldTime } from '../../activities/told-time.ts';
import { createAnswer } from '../../domain/service/answers.ts';
import { buildDryRunReceipt } from '../../domain/service/dry-run.ts';
import type { Asked, Receipt } from '../../domain/service/requests.ts';
import { reserveNumbers, applyDecision } from '../../domain/service/decisions/apply-decision.ts';
import { decideRequest } from '../../domain/service/decisions/decide-request.ts';
import type { Decision } from '../../domain/service/decisions/decision.ts';
import { isOutdated } from '../../domain/service/decisions/release.ts';
import type { Answer } from '../../domain/service/state.ts';
import { noteTime } from '../shared/recorded-time.ts';
import { createExpiredFailure, toFailure } from '../shared/refusals.ts';
import type { ServiceContext } from './context.ts';
import { describeCommand, readRecordedRevision, settled } from './facts.ts';
import { isTooLate, recordWithdrawn, requireInEffect } from './late.ts';
import { makeWay } from './make-way.ts';
import { repeatAnswer, nowIso } from './records.ts';
import { localFirst } from '../shared/activities.ts';

/** Each takes a look at the release by its blueprint. */
const MOST_LOOKS = 10;
const OUTDATED = 'the service was described anew each time this release was looked at; ask again';

/** A request as it was read from the record. */
type Reading = CommandReading & { request: NonNullable<CommandReading['request']> };

/** Answers a request. What the answer promises is recorded before it is given. */
export function answerRequest(context: ServiceContext, reading: Reading): Promise<Receipt> {
  return decideAndConclude(context, reading, carryIn);
}

/** What {@link answerRequest} would return, or be refused with, now. Nothing is recorded, and no number is taken. */
export function rehearseRequest(context: ServiceContext, reading: Reading): Promise<Receipt> {
  return decideAndConclude(context, reading, async (_context, decision) => buildDryRunReceipt(decision));
}

/** What follows from a decision, as long as no other one is taken. */
type Conclusion = (
  context: ServiceContext,
  decision: Accepted,
  reading: Reading,
  release: ReleaseDescription | undefined,
) => Promise<Receipt>;

async function decideAndConclude(context: ServiceContext, reading: Reading, conclude: Conclusion): Promise<Receipt> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const before = repeatAnswer(context, reading);
    if (before) return before;
    const release = reading.request.kind === 'release' ? await describeCommand(context, reading.command) : undefined;
    const receipt = await context.runExclusive(() => decideInTurn(context, reading, release, conclude));
    if (receipt) return receipt;
  }
  throw ApplicationFailure.create({ type: 'Unavailable', message: OUTDATED, nonRetryable: true });
}

/** Undefined where the release has to be worked out anew, since the service was described anew meanwhile. */
async function decideInTurn(
  context: ServiceContext,
  reading: Reading,
  release: ReleaseDescription | undefined,
  conclude: Conclusion,
): Promise<Receipt | undefined> {
  const { change, request } = reading;
  const meanwhile = repeatAnswer(context, reading);
  if (meanwhile) return meanwhile;
  if (isTooLate(reading)) return answerLate(context, reading);
  const asked = release ? release.asked : (request as Asked);
  if (isOutdated(context.state, asked)) return undefined;
  const facts = {
    ...(await settled(context, asked)),
    ...(await readRecordedRevision(context, asked)),
    ...(release?.rollbacks ? { rollbacks: release.rollbacks } : {}),
  };
  if (isTooLate(reading)) return answerLate(context, reading);
  const decision = decideRequest(context.state, asked, change, { ...facts, now: nowIso() });
  if (decision.kind === 'refused') throw toFailure(decision.refusal);
  return conclude(context, decision, reading, release);
}

/** It is refused, unless it is in effect by now. */
async function answerLate(context: ServiceContext, reading: Reading): Promise<Receipt> {
  await requireInEffect(context, reading);
  const given = repeatAnswer(context, reading);
  if (!given) throw createExpiredFailure(reading.change);
  return given;
}

type Accepted = Exclude<Decision, { kind: 'refused' }>;

async function carryIn(
  context: ServiceContext,
  decision: Accepted,
  reading: Reading,
  release: ReleaseDescription | undefined,
): Promise<Receipt> {
  const { command, asking, change } = reading;
  const at = nowIso();
  const { receipt } = decision;
  const given = createAnswer(asking, at, receipt);
  await record(context, decision, command, given, release);
  if (decision.kind === 'queued' && isTooLate(reading)) {
    context.state = reserveNumbers(context.state, decision.entry);
    await recordWithdrawn(context, decision.entry, change, at);
    throw createExpiredFailure(change);
  }
  context.state = applyDecision(context.state, decision, given);
  if (decision.kind === 'queued') await makeWay(context, decision.entry);
  return receipt;
}

async function record(
  { state }: ServiceContext,
  decision: Accepted,
  command: string,
  given: Answer,
  release: ReleaseDescription | undefined,
): Promise<void> {
  const entry = decision.kind === 'queued' ? decision.entry : undefined;
  const summary = entry ? `rollout ${entry.number} is asked for` : 'no rollout is needed';
  const told = (await localFirst('accept', summary, () => [
    {
      service: state.key,
      command,
      now: Date.now(),
      answer: given,
      ...(entry ? { entry } : {}),
      ...(decision.changes ? { changes: decision.changes } : {}),
      ...(release ? { made: release.made } : {}),
      ...(decision.kind === 'queued' && decision.lifts ? { lifts: decision.lifts.release } : {}),
    },
  ])) as ToldTime | undefined;
  // Older histories have no result here.
  if (told?.at !== undefined) noteTime(told.at);
}
