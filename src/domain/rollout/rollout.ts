/** The phases of a rollout, in order. Their names are what logs, the UI and the CLI show. */
export const PHASES = ['plan', 'provision', 'validate', 'shift', 'bake', 'settle', 'teardown'] as const;
export type Phase = (typeof PHASES)[number];

/** `deploy` makes a new revision live, `rollback` a previous one, `remove` takes the service away. */
export type RolloutKind = 'deploy' | 'rollback' | 'remove';

/**
 * How a rollout ended.
 * - `succeeded`: the revision is live.
 * - `failed`: it never had traffic; everything is as before.
 * - `rolled-back`: it had traffic, and lost it again to the revision before.
 * - `aborted`: a person ended it; everything is as before.
 */
export const OUTCOMES = ['succeeded', 'failed', 'rolled-back', 'aborted'] as const;
export type RolloutOutcome = (typeof OUTCOMES)[number];

/** A rollout that failed under traffic and is not put back: all stays as it is until somebody decides. */
export interface Freeze {
  /** What failed. */
  because: string;
  /** ISO 8601. */
  since: string;
}

/** What a wait is told by, whatever it is for. */
export interface WaitFacts extends Pick<Wait, 'since' | 'until' | 'then'> {
  /** What is to be made or destroyed: `r5`, `variant blue`. */
  what: string;
  /** What ends it besides what is waited for: `abort`. */
  orBy?: string;
}

/** Why something does not go on: what for, since when, until when, who can end it, what happens then (invariant 7). */
export interface Wait {
  on: string;
  /** ISO 8601. */
  since: string;
  until?: string;
  endedBy: string;
  then: string;
}
