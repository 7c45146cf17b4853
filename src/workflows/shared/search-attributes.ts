import { defineSearchAttributeKey } from '@temporalio/common';

/** What runs can be listed by in the Temporal UI. They must be registered before a worker starts. */
export const SEARCH_ATTRIBUTES = {
  service: defineSearchAttributeKey('RolloutService', 'KEYWORD'),
  environment: defineSearchAttributeKey('RolloutEnvironment', 'KEYWORD'),
  revision: defineSearchAttributeKey('RolloutRevision', 'KEYWORD'),
  phase: defineSearchAttributeKey('RolloutPhase', 'KEYWORD'),
  outcome: defineSearchAttributeKey('RolloutOutcome', 'KEYWORD'),
  actor: defineSearchAttributeKey('RolloutActor', 'KEYWORD'),
  /** What it waits for, or has waited for. */
  host: defineSearchAttributeKey('RolloutHost', 'KEYWORD'),
  needsHuman: defineSearchAttributeKey('RolloutNeedsHuman', 'BOOL'),
};
