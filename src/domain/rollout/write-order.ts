/**
 * The moments of a rollout at which a recorded service is written, each with its place among them. The figures are stored:
 * one that is new gets a figure between others, and none is ever changed.
 */
const PLACES = { request: 0, open: 10, provision: 20, settle: 50, destroy: 70, close: 90 } as const;
export type RecordMoment = keyof typeof PLACES;

/** Above every place. */
const PER_ROLLOUT = 100;

/**
 * Orders what is written in the record about one service, over its whole life. A step may be carried out by a worker that was
 * believed dead and has been followed by another: whatever it writes late must not take the place of what came after it.
 */
export function writeOrder(rollout: number, moment: RecordMoment): number {
  return rollout * PER_ROLLOUT + PLACES[moment];
}
