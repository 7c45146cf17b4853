import type { Lease } from '../experiment/lease.ts';
import type { PoolRef } from '../pools/pool.ts';
import type { RevisionState } from '../service/revision.ts';
import type { ServiceKey } from '../service/service.ts';

/** A stack by its name; the project is the environment. */
export interface StackName {
  project: string;
  stack: string;
}

/** A stack, and the host that only has it; without one any worker can look after it. */
export interface StackPlace extends StackName {
  host?: string;
}

/** A stack to be destroyed, and the pool whose workers can; absent of the default one, and of what nobody knows. */
export interface ReapTarget extends StackPlace, PoolRef {}

/**
 * Whether a workflow goes on, as Temporal says it. `gone`: it is closed, or Temporal knows none of that name. `unanswered`:
 * Temporal did not say.
 */
export type WorkflowFact = 'running' | 'gone' | 'unanswered';

/** Where a stack was found: by what this machine has of it, or by what every worker can reach. */
export type FoundReach = 'machine' | 'shared';

/** A stack that was found: in the state store, or by what its provider has. */
export interface FoundFact extends StackPlace {
  reach: FoundReach;
  /** Whether something here says that it was made from here. An account may have stacks of other installations. */
  isOurs: boolean;
  /**
   * Whether a router gives requests to it although nothing on record speaks of it: then the record is the one that is wrong.
   * Absent where none does, or that was not asked.
   */
  traffic?: 'some' | 'unanswered';
}

/** A revision on record that has a stack, or may have left one. */
export interface RevisionFact extends StackName {
  service: ServiceKey;
  revision: number;
  state: RevisionState;
  /** A rollout of its service that was begun and has no end on record. */
  openRollout?: number;
  /** How the workflow is that takes its stack down; of use where it is retired or failed. */
  teardown: WorkflowFact;
  /** Whether its stack is on record as one that could not be destroyed yet. */
  isQuarantined: boolean;
}

export interface LeaseFact extends Pick<Lease, 'project' | 'stack' | 'run' | 'variant' | 'deadlineAt'> {
  /** How the workflow is that took it. */
  owner: WorkflowFact;
}

/** Why a stack has no owner. */
export type Reason =
  /** Its revision is retired or failed, and no workflow takes it down. */
  | 'teardown'
  /** The workflow that had taken a lease of it is gone. */
  | 'lease-owner'
  /** Its lease is over. */
  | 'lease-over'
  /** Nothing on record speaks of it. */
  | 'unknown';

/** What the reaper remembers of a stack that has no owner, from one look to the next. */
export interface ReaperNote extends StackPlace {
  reason: Reason;
  reach: FoundReach;
  /** When it was found so first, ISO 8601. */
  foundAt: string;
  /** How often it was tried to destroy it. */
  attempts: number;
  /** When that was tried last, ISO 8601. */
  triedAt?: string;
  /** When it is tried again, ISO 8601. */
  dueAt?: string;
  lastError?: string;
  /** When it was left to a person, ISO 8601. */
  givenUpAt?: string;
}

export interface NoteFact extends ReaperNote {
  /** How the workflow is that destroys it. */
  reaping: WorkflowFact;
}

/** Everything that a look has found out. What was found is older than the record: an owner is on record before its stack is. */
export interface World {
  found: FoundFact[];
  revisions: RevisionFact[];
  leases: LeaseFact[];
  notes: NoteFact[];
  /** What could not be had, and why, in words. What was not asked for at this look counts as such. */
  missing: {
    record?: string;
    machine?: string;
    shared?: string;
    /** By host: of hosts beside the one that looks. */
    hosts?: Readonly<Record<string, string>>;
  };
}

/** How patient the reaper is. All times are in milliseconds. */
export interface ReaperPolicy {
  /** How long what nobody knows stays: somebody may look what it is. */
  graceMs: number;
  /** How long after its lease a stack may be there: its own workflow destroys it meanwhile. */
  leaseGraceMs: number;
  /** Whose workflow is gone is found so twice, at least this long apart. */
  confirmMs: number;
  /** The first pause between two attempts to destroy a stack, which doubles, and the longest. */
  retryMs: number;
  longestRetryMs: number;
  /** After so many attempts it is left to a person. */
  attempts: number;
  /** How many stacks are destroyed at the same time. */
  atOnce: number;
  /** Whether all that is due later is due now, and what was given up is tried once more: somebody has asked for it. */
  skipGrace: boolean;
}

export const DEFAULT_POLICY: ReaperPolicy = {
  graceMs: 600_000,
  leaseGraceMs: 15_000,
  confirmMs: 10_000,
  retryMs: 30_000,
  longestRetryMs: 3_600_000,
  attempts: 8,
  atOnce: 20,
  skipGrace: false,
};

export function isSameStack(one: StackName, other: StackName): boolean {
  return one.project === other.project && one.stack === other.stack;
}

/** `production/web-production-r7` */
export function formatStackId({ project, stack }: StackName): string {
  return `${project}/${stack}`;
}
