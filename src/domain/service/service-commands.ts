import { type Refusal, createRefusal as refused } from '../refusal.ts';
import type { ServiceCommand } from './requests.ts';
import { type RevisionState, formatRevisionName } from './revision.ts';
import { type Entry, LIMITS, type ServiceState, findActive } from './state.ts';
import { formatServiceId } from './service.ts';

/** What becomes of a note: refused, or the state with it. `dropped` is the rollout that was taken out of the queue. */
export type ServiceCommandDecision = { refusal: Refusal } | { state: ServiceState; dropped?: Entry };

/**
 * Decides on what needs no rollout. Noting the same again changes nothing.
 * @param recorded the revision's recorded state, which a rollout that has settled is the first to change; undefined where
 *   it is not recorded, or was not looked up
 */
export function decideServiceCommand(
  state: ServiceState,
  note: ServiceCommand,
  recorded?: RevisionState,
): ServiceCommandDecision {
  if (!state.spec || state.removed) return refused('NotFound', `there is no service ${formatServiceId(state.key)}`);
  switch (note.kind) {
    case 'drop':
      return dropped(state, note.rollout);
    case 'pin':
      return pinned(state, note.revision, recorded);
    case 'unpin':
      return { state: { ...state, pinned: lacking(state.pinned, note.revision) } };
    case 'mark-bad':
      return bad(state, note.revision, recorded !== undefined);
  }
}

function dropped(state: ServiceState, number: number): ServiceCommandDecision {
  const entry = state.queue.find((each) => each.number === number);
  if (entry) return { state: { ...state, queue: state.queue.filter((each) => each !== entry) }, dropped: entry };
  return state.running?.number === number
    ? refused('Refused', `rollout ${number} has begun`, 'abort it instead')
    : refused('NotFound', `rollout ${number} does not wait in the queue of ${formatServiceId(state.key)}`);
}

function pinned(state: ServiceState, number: number, recorded: RevisionState | undefined): ServiceCommandDecision {
  if (!findActive(state.revisionSet, number)) {
    return refused('Refused', `${formatRevisionName(number)} is neither live nor warm, so it cannot be kept so`);
  }
  if (recorded !== undefined && recorded !== 'live' && recorded !== 'warm') return { refusal: refuseLatePin(number) };
  const others = lacking(state.pinned, number);
  if (others.length >= LIMITS.pinned) {
    return refused('Refused', `${others.length} revisions are pinned, which is as many as may`, 'unpin one first');
  }
  return { state: { ...state, pinned: [...others, number] } };
}

/** Of a pin that came after a rollout had settled without the revision. */
export function refuseLatePin(revision: number): Refusal {
  return {
    type: 'Refused',
    message: `${formatRevisionName(revision)} is on its way out: a rollout has settled without it`,
    suggestion: 'roll back to it, and it is live again',
  };
}

function bad(state: ServiceState, number: number, isKnown: boolean): ServiceCommandDecision {
  if (!isKnown && !findActive(state.revisionSet, number)) {
    return refused('NotFound', `${formatServiceId(state.key)} has no revision ${formatRevisionName(number)}`);
  }
  if (state.revisionSet.live?.revision.number === number) {
    return refused('Refused', `${formatRevisionName(number)} is live`, 'roll back first, then mark it');
  }
  const others = lacking(state.bad, number);
  if (others.length >= LIMITS.bad) {
    return refused('Refused', `${others.length} revisions are marked bad, which is as many as may be`);
  }
  return { state: { ...state, bad: [...others, number] } };
}

function lacking(numbers: readonly number[] | undefined, number: number): number[] {
  return (numbers ?? []).filter((each) => each !== number);
}
