import type { Hold } from '../../domain/rollback/hold.ts';
import type { Exposure } from '../../domain/rollout/exposure.ts';
import type { Endpoint, Revision, RevisionState } from '../../domain/service/revision.ts';
import type { RolloutKind, RolloutOutcome } from '../../domain/rollout/rollout.ts';
import type { ServiceKey, ServiceSpec } from '../../domain/service/service.ts';
import type { Quarantine } from '../../domain/rollout/status.ts';
import type { ContractRecord } from '../../domain/migrations/contract.ts';
import type { CommandLog } from './command-log.ts';
import type { ContractLog } from './contract-log.ts';
import type { ServiceDescription } from '../../domain/service/description.ts';
import type { RequestLog, RolloutRequest } from './request-log.ts';
import type { TeardownLog } from './teardown-log.ts';

export interface RevisionRecord extends Revision {
  state: RevisionState;
  /** When the state was entered, ISO 8601. */
  since: string;
  /** Known once the stack is provisioned. */
  endpoints: Endpoint[];
  /** Until when a warm one is kept, ISO 8601. */
  warmUntil?: string;
}

export interface RolloutRecord {
  service: ServiceKey;
  number: number;
  kind: RolloutKind;
  /** The revision it tries to make live; absent for `remove`. */
  revision?: number;
  actor: string;
  reason?: string;
  startedAt: string;
  endedAt?: string;
  outcome?: RolloutOutcome;
  /** Why it ended so, where it did not succeed. */
  because?: string;
  /** How much of the traffic its revision had; absent where it had none. */
  exposure?: Exposure;
}

/** What a service's workflow needs to begin afresh without reusing a number. */
export interface ServiceRecord {
  spec: ServiceSpec;
  lastRevision: number;
  lastRollout: number;
  /** Revisions kept warm whatever retention says, and those that nobody goes back to. */
  pinned: number[];
  bad: number[];
  /** Releases that were rolled back by themselves, the oldest first. */
  holds: Hold[];
  /** When settings were changed last that have not been carried out yet, ISO 8601. */
  settingsDue?: string;
  /** When it was removed, ISO 8601. Its numbers stay taken. */
  removedAt?: string;
}

/**
 * The lasting list of services, revisions and rollouts: what `history` shows, what a rollback to a retired revision is
 * re-provisioned from, and who owns a stack. Lists are of at most 100 unless told.
 *
 * All writes may be repeated, and may come late. `order` is a {@link writeOrder}: of two about the same thing the higher
 * one counts, whichever comes last, and a lower one changes nothing.
 */
export interface Catalogue {
  readonly requests: RequestLog;
  readonly commands: CommandLog;
  readonly teardowns: TeardownLog;
  readonly contracts: ContractLog;
  /** Inserts or replaces; a removed service is back. */
  saveService(spec: ServiceSpec, order: number): Promise<void>;
  description(key: ServiceKey): Promise<ServiceDescription | undefined>;
  /** Puts an earlier one back, whatever was written since. */
  restoreDescription(description: ServiceDescription): Promise<void>;
  /** What is described anew without a rollout, of a service that is there; with when, ISO 8601, where that is to be carried out. */
  saveSpec(spec: ServiceSpec, settingsDue?: string): Promise<void>;
  /** The settings that were changed up to that time, ISO 8601, have been carried out. */
  settleSettings(key: ServiceKey, upTo: string): Promise<void>;
  removeService(key: ServiceKey, at: string, order: number): Promise<void>;
  /** Replaces both lists. */
  saveMarks(key: ServiceKey, marks: Pick<ServiceRecord, 'pinned' | 'bad'>): Promise<void>;
  /** Replaces the list. */
  saveHolds(key: ServiceKey, holds: readonly Hold[]): Promise<void>;
  service(key: ServiceKey): Promise<ServiceRecord | undefined>;
  /** Everything at once that lists show, of one service, removed or not, or of all: those that were removed only while stacks of theirs are still to be torn down. */
  overview(key?: ServiceKey): Promise<Overview[]>;
  /** All that are not removed. */
  services(): Promise<ServiceRecord[]>;
  revision(key: ServiceKey, number: number): Promise<RevisionRecord | undefined>;
  /**
   * Inserts or replaces by service and number.
   *
   * @throws UnknownServiceError when the service was never saved
   */
  saveRevision(record: RevisionRecord, order: number): Promise<void>;
  /** Newest first. */
  revisions(key: ServiceKey, limit?: number): Promise<RevisionRecord[]>;
  /**
   * Inserts, or adds how it ended, by service and number. Who asked for it, why and when it began are said once, and so is
   * its end.
   *
   * @throws UnknownServiceError when the service was never saved
   */
  saveRollout(record: RolloutRecord): Promise<void>;
  rollout(key: ServiceKey, number: number): Promise<RolloutRecord | undefined>;
  /** Newest first. */
  rollouts(key: ServiceKey, limit?: number): Promise<RolloutRecord[]>;
}

/** A revision or rollout was to be recorded of a service that is not. */
export class UnknownServiceError extends Error {
  override readonly name = 'UnknownServiceError';
}

/** A service with all that lists show of it. */
export interface Overview extends ServiceRecord {
  /** Revisions that have a stack, or are about to have one. */
  revisions: RevisionRecord[];
  /** The rollout that is under way. */
  running?: RolloutRecord;
  /** The latest that ended before it, and before those that wait. */
  last?: RolloutRecord;
  queue: RolloutRequest[];
  quarantine: Quarantine[];
  /** That wait, or have begun. */
  contracts: ContractRecord[];
}
