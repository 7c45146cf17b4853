/**
 * The newest edition of what a rollout does at its gates and once it was frozen. It learns its edition when it is put on record, and keeps it to its
 * end: newer workers replay what older ones have begun. A patch marker would not do, since it comes after steps in place, which a
 * replay may hear of a workflow task earlier.
 *
 * - 0 (also where none is recorded): a gate expires by what time it is when it is judged. What people, hooks and gates have said does not outlast a
 *   freeze.
 * - 1: a gate expires when its timer fires. What was said outlasts a freeze.
 */
export const ROLLOUT_EDITION = 1;

/** What rollouts do otherwise, and the edition that it came with. */
const SINCE = {
  /** A gate expires when its timer fires. */
  'timed-expiry': 1,
  /** Approvals, and answers of hooks and gates, outlast a freeze. */
  'lasting-approvals': 1,
  /** What was decided of a freeze outlasts a gate that is closed after it. */
  'lasting-decisions': 1,
} as const;

export type EditionRule = keyof typeof SINCE;

/** Whether rollouts of an edition keep to a rule. */
export function isRuleOf(edition: number, rule: EditionRule): boolean {
  return edition >= SINCE[rule];
}
