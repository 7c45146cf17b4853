import { type Refusal, refusal as refused } from './refusal.ts';
import type { Note } from './requests.ts';
import { revisionName } from './revision.ts';
import { type Entry, type ServiceState, standing } from './service-state.ts';
import { serviceId } from './service.ts';

/** What becomes of a note: refused, or the state with it. `dropped` is the rollout that was taken out of the queue. */
export type Noted = { refusal: Refusal } | { state: ServiceState; dropped?: Entry };

/**
 * Decides on what needs no rollout. Noting the same again changes nothing.
 * @param isKnown the catalogue has the revision
 */
export function noted(state: ServiceState, note: Note, isKnown: boolean): Noted {
  if (!state.spec || state.removed) return refused('NotFound', `there is no service ${serviceId(state.key)}`);
  switch (note.kind) {
    case 'drop':
      return dropped(state, note.rollout);
    case 'pin':
      return pinned(state, note.revision);
    case 'unpin':
      return { state: { ...state, pinned: lacking(state.pinned, note.revision) } };
    case 'mark-bad':
      return bad(state, note.revision, isKnown);
  }
}

function dropped(state: ServiceState, number: number): Noted {
  const entry = state.queue.find((each) => each.number === number);
  if (entry) return { state: { ...state, queue: state.queue.filter((each) => each !== entry) }, dropped: entry };
  return state.running?.number === number
    ? refused('Refused', `rollout ${number} has begun`, 'abort it instead')
    : refused('NotFound', `rollout ${number} does not wait in the queue of ${serviceId(state.key)}`);
}

function pinned(state: ServiceState, number: number): Noted {
  if (!standing(state.lineup, number)) {
    return refused('Refused', `${revisionName(number)} is neither live nor warm, so it cannot be kept so`);
  }
  return { state: { ...state, pinned: [...lacking(state.pinned, number), number] } };
}

function bad(state: ServiceState, number: number, isKnown: boolean): Noted {
  if (!isKnown && !standing(state.lineup, number)) {
    return refused('NotFound', `${serviceId(state.key)} has no revision ${revisionName(number)}`);
  }
  if (state.lineup.live?.revision.number === number) {
    return refused('Refused', `${revisionName(number)} is live`, 'roll back first, then mark it');
  }
  return { state: { ...state, bad: [...lacking(state.bad, number), number] } };
}

function lacking(numbers: readonly number[] | undefined, number: number): number[] {
  return (numbers ?? []).filter((each) => each !== number);
}
