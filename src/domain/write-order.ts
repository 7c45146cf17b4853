/** The steps of a rollout that write about a service on record, in the order in which they come. */
const STEPS = ['request', 'open', 'provision', 'settle', 'destroy', 'close'] as const;
export type RecordStep = (typeof STEPS)[number];

const STEPS_PER_ROLLOUT = 10;

/**
 * Orders what is written on record about one service, over its whole life. A step may be carried out by a worker that was
 * believed dead and has been followed by another: whatever it writes late must not take the place of what came after it.
 */
export function writeOrder(rollout: number, step: RecordStep): number {
  return rollout * STEPS_PER_ROLLOUT + STEPS.indexOf(step);
}
