/**
 * What an Application Load Balancer allows, and cannot be asked to allow more of
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html).
 */
export const ALB_LIMITS = {
  /** Target groups that one action may forward to: the revisions of a service that stand at once. */
  groupsInAction: 5,
  /** Target groups of a load balancer, each counted once, over all its listeners. */
  groupsOfLoadBalancer: 100,
  /** Of the text that a fixed response may have. */
  longestMessage: 1_024,
} as const;

/** How long the client side waits, in milliseconds, and how often it tries. */
export const CLIENT_LIMITS = {
  connectMs: 3_000,
  /** For an answer to one call. They take tens of milliseconds. */
  answerMs: 10_000,
  /** The SDK's own retries of one call, on throttling and on faults that pass. */
  attempts: 5,
  /** How long a write may take to be read back: reads are eventually consistent. */
  readBackMs: 15_000,
  readBackPauseMs: 100,
  /** For how long a rule has to show what Supplant has not written before somebody is said to have changed it. */
  changedMs: 1_000,
  /** Between two looks at the health of targets that are waited for. */
  healthPauseMs: 1_000,
  /** How long a write of a route waits itself for the targets of a group that it brings in; a rollout waits longer, beforehand. */
  healthMs: 30_000,
} as const;
