import type { CommandReading } from '../../activities/commands.ts';
import type { MarkTask } from '../../activities/service-record.ts';
import { createAnswer, findAnswer, rememberAnswer } from '../../domain/service/answers.ts';
import type { RequestMeta, ServiceCommand } from '../../domain/service/requests.ts';
import { type RevisionState, formatRevisionName } from '../../domain/service/revision.ts';
import {
  type ServiceCommandDecision,
  decideServiceCommand,
  refuseLatePin,
} from '../../domain/service/service-commands.ts';
import type { Answer } from '../../domain/service/state.ts';
import { toFailure } from '../shared/refusals.ts';
import type { ServiceContext } from './context.ts';
import { isTooLate, requireInEffect } from './late.ts';
import { recordDropped, nowIso } from './records.ts';
import { localFirst } from '../shared/activities.ts';

const DONE: Record<ServiceCommand['kind'], string> = {
  drop: 'it was taken out of the queue',
  pin: 'it stays warm until it is unpinned',
  unpin: 'retention decides about it again',
  'mark-bad': 'nobody goes back to it any more',
};

type NoteReading = CommandReading & { note: ServiceCommand };

/** Does what needs no rollout: recorded first, like everything that is promised. Returns what holds now, in words. */
export async function carryOutServiceCommand(context: ServiceContext, reading: NoteReading): Promise<string> {
  await context.runExclusive(async () => {
    const decided = await decideNote(context, reading);
    if (decided) await carryOutNote(context, reading, decided);
  });
  return DONE[reading.note.kind];
}

/** What {@link carryOutServiceCommand} would return, or be refused with, now. Nothing is recorded. */
export async function rehearseServiceCommand(context: ServiceContext, reading: NoteReading): Promise<string> {
  await context.runExclusive(() => decideNote(context, reading));
  return DONE[reading.note.kind];
}

interface DecidedNote {
  outcome: Exclude<ServiceCommandDecision, { refusal: unknown }>;
  /** The revision's recorded state. */
  recorded: RevisionState | undefined;
}

/** Undefined where the same request was answered before. */
async function decideNote(context: ServiceContext, reading: NoteReading): Promise<DecidedNote | undefined> {
  const { note: asked, asking, before: known } = reading;
  const before = findAnswer(context.state, asking, known);
  if (before && 'refusal' in before) throw toFailure(before.refusal);
  if (before) return undefined;
  const recorded = asked.kind === 'drop' ? undefined : await recordedState(context, asked.revision);
  if (isTooLate(reading)) {
    await requireInEffect(context, reading);
    return undefined;
  }
  const outcome = decideServiceCommand(context.state, asked, recorded);
  if ('refusal' in outcome) throw toFailure(outcome.refusal);
  return { outcome, recorded };
}

async function carryOutNote(
  context: ServiceContext,
  { note: asked, change, asking }: NoteReading,
  { outcome, recorded }: DecidedNote,
): Promise<void> {
  const answer = createAnswer(asking, nowIso());
  const { dropped } = outcome;
  if (dropped) {
    const why = `taken out of the queue by ${change.actor}${change.reason === undefined ? '' : `: ${change.reason}`}`;
    await context.removeFromQueue([dropped], (entry) => recordDropped(context, entry, change.actor, why, { answer }));
  } else if (asked.kind !== 'drop') {
    await mark(context, asked, change, { answer, recorded });
  }
  context.state = rememberAnswer(context.state, answer);
}

async function recordedState({ state }: ServiceContext, number: number): Promise<RevisionState | undefined> {
  const task = { service: state.key, number };
  return (await localFirst('recallRevision', `is ${formatRevisionName(number)} recorded?`, [task]))?.state;
}

async function mark(
  context: ServiceContext,
  asked: Exclude<ServiceCommand, { kind: 'drop' }>,
  change: RequestMeta,
  { answer, recorded }: { answer: Answer; recorded: RevisionState | undefined },
): Promise<void> {
  const intended = decideServiceCommand(context.state, asked, recorded);
  if ('refusal' in intended) throw toFailure(intended.refusal);
  const { key: service } = context.state;
  const { pinned = [], bad = [] } = intended.state;
  const task = { service, note: asked, change, pinned, bad, answer };
  const found = await localFirst('mark', `${asked.kind} ${formatRevisionName(asked.revision)}, recorded`, [task]);
  // A rollout may have come to its end meanwhile, or be about to let go of it.
  const outcome = decideServiceCommand(context.state, asked, recorded);
  if (!('refusal' in outcome) && !found.tooLate) {
    context.state = outcome.state;
    return;
  }
  const refusal = 'refusal' in outcome ? outcome.refusal : refuseLatePin(asked.revision);
  await takeBack(context, task, refusal.message);
  throw toFailure(refusal);
}

async function takeBack({ state }: ServiceContext, task: MarkTask, reason: string): Promise<void> {
  const { pinned = [], bad = [] } = state;
  const change = { ...task.change, actor: 'supplant', reason };
  await localFirst('mark', `${task.note.kind} is taken back`, [{ ...task, change, pinned, bad, isTakenBack: true }]);
}
