import { LIMITS } from './limits.ts';

/** What has been counted of requests. */
export interface Tally {
  served: number;
  /** Without an answer of the service, or with one that broke off. */
  failed: number;
  /** Those of which the outcome is known. */
  answered: number;
  /** Of these, the answers with a status from 500 on, HAProxy's own among them. */
  errors: number;
  /** How many took how long, by bucket; all zero where it is empty, and absent where nobody measures. */
  latencies?: number[];
}

export const EMPTY_TALLY: Tally = { served: 0, failed: 0, answered: 0, errors: 0, latencies: [] };

/** The backend that a revision has in one process, and what had been counted there before it was the revision's. */
export interface Slot {
  revision: number;
  /** From 1 on. */
  number: number;
  before: Tally;
}

export function addTallies(one: Tally, other: Tally): Tally {
  return combine(one, other, 1);
}

export function subtractTally(from: Tally, other: Tally): Tally {
  return combine(from, other, -1);
}

function combine(one: Tally, other: Tally, sign: 1 | -1): Tally {
  const latencies = combineLatencies(one, other, sign);
  return {
    served: one.served + sign * other.served,
    failed: one.failed + sign * other.failed,
    answered: one.answered + sign * other.answered,
    errors: one.errors + sign * other.errors,
    ...(latencies ? { latencies } : {}),
  };
}

/** Some of them are none: what is not measured everywhere would look faster than it is. */
function combineLatencies(one: Tally, other: Tally, sign: 1 | -1): number[] | undefined {
  if (!one.latencies || !other.latencies) return undefined;
  const [left, right] = [one.latencies, other.latencies];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
    Math.max(0, (left[index] ?? 0) + sign * (right[index] ?? 0)),
  );
}

/** `slot-07` */
export function formatSlot(number: number): string {
  return `slot-${String(number).padStart(2, '0')}`;
}

/** Every backend there is for a revision. */
export const SLOT_NUMBERS: readonly number[] = Array.from({ length: LIMITS.revisions }, (_, index) => index + 1);

/**
 * Gives each revision a slot of its own, the one that it has where it has one. What is held by others is not taken.
 *
 * @param tallyOf what has been counted in a slot up to now
 * @throws Error where there are more revisions than slots
 */
export function assignSlots(
  held: readonly Slot[],
  revisions: readonly number[],
  tallyOf: (number: number) => Tally,
): Slot[] {
  const slots = [...held];
  for (const revision of revisions) {
    if (slots.some((slot) => slot.revision === revision)) continue;
    const free = SLOT_NUMBERS.find((number) => !slots.some((slot) => slot.number === number));
    if (free === undefined) {
      throw new Error(
        `HAProxy has room for ${LIMITS.revisions} revisions of a service, and r${revision} is one more; those that have ` +
          'left the route hold theirs until nothing is in flight on them',
      );
    }
    slots.push({ revision, number: free, before: tallyOf(free) });
  }
  return slots;
}
