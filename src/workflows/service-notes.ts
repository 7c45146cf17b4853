import type { MarkTask } from '../activities/service-record.ts';
import { answerTo, answeredBefore, remembering } from '../domain/answers.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Change, Note } from '../domain/requests.ts';
import { revisionName } from '../domain/revision.ts';
import { noted } from '../domain/service-notes.ts';
import type { Answer } from '../domain/service-state.ts';
import { failureOf, refuseLate } from './refusals.ts';
import type { ServiceDesk } from './service-desk.ts';
import { drop, now, recordsFirst } from './service-records.ts';
import { noteAsBefore } from './service-unrecorded.ts';
import { quickly } from './steps.ts';

const DONE: Record<Note['kind'], string> = {
  drop: 'it was taken out of the queue',
  pin: 'it stays warm until it is unpinned',
  unpin: 'retention decides about it again',
  'mark-bad': 'nobody goes back to it any more',
};

/** Does what needs no rollout: on record first, like everything that is promised. Returns what holds now, in words. */
export async function note(desk: ServiceDesk, asked: Note, change: Change): Promise<string> {
  if (recordsFirst(desk)) await desk.inTurn(() => carryOutNote(desk, asked, change));
  else await noteAsBefore(desk, asked, change);
  return DONE[asked.kind];
}

async function carryOutNote(desk: ServiceDesk, asked: Note, change: Change): Promise<void> {
  const before = answeredBefore(desk.state, asked, change.requestId);
  if (before && 'refusal' in before) throw failureOf(before.refusal);
  if (before) return;
  const isKnown = asked.kind === 'mark-bad' && (await isRecorded(desk, asked.revision));
  refuseLate(change);
  const outcome = noted(desk.state, asked, isKnown);
  if ('refusal' in outcome) throw failureOf(outcome.refusal);
  const answer = answerTo(asked, change.requestId, now());
  const { dropped } = outcome;
  if (dropped) {
    const why = `taken out of the queue by ${change.actor}${change.reason === undefined ? '' : `: ${change.reason}`}`;
    await desk.leaving([dropped], (entry) => drop(desk, entry, change.actor, why, { answer }));
  } else if (asked.kind !== 'drop') {
    await mark(desk, asked, change, { answer, isKnown });
  }
  desk.state = remembering(desk.state, answer, now());
}

async function isRecorded({ state }: ServiceDesk, number: number): Promise<boolean> {
  const task = { service: state.key, number };
  return (await quickly('recallRevision', `is ${revisionName(number)} on record?`, [task])) !== null;
}

async function mark(
  desk: ServiceDesk,
  asked: Exclude<Note, { kind: 'drop' }>,
  change: Change,
  { answer, isKnown }: { answer: Answer; isKnown: boolean },
): Promise<void> {
  const intended = noted(desk.state, asked, isKnown);
  if ('refusal' in intended) throw failureOf(intended.refusal);
  const { key: service } = desk.state;
  const { pinned = [], bad = [] } = intended.state;
  const task = { service, note: asked, change, pinned, bad, answer };
  const found = await quickly('mark', `${asked.kind} ${revisionName(asked.revision)}, on record`, [task]);
  // A rollout may have come to its end meanwhile, or be about to let go of it.
  const outcome = noted(desk.state, asked, isKnown);
  if (!('refusal' in outcome) && !found.tooLate) {
    desk.state = outcome.state;
    return;
  }
  const refusal = 'refusal' in outcome ? outcome.refusal : tooLate(asked.revision);
  await takeBack(desk, task, refusal.message);
  throw failureOf(refusal);
}

function tooLate(revision: number): Refusal {
  return {
    type: 'Refused',
    message: `${revisionName(revision)} is on its way out: a rollout has settled without it`,
    suggestion: 'roll back to it, and it is live again',
  };
}

async function takeBack({ state }: ServiceDesk, task: MarkTask, reason: string): Promise<void> {
  const { pinned = [], bad = [] } = state;
  const change = { ...task.change, actor: 'supplant', reason };
  await quickly('mark', `${task.note.kind} is taken back`, [{ ...task, change, pinned, bad, isTakenBack: true }]);
}
