import type { ServiceKey } from '../../domain/service/service.ts';
import type { ReplacedDescription } from '../../domain/service/description.ts';
import type { Command } from '../../domain/service/requests.ts';
import type { HookSpec } from '../../domain/hooks/hook.ts';
import type { ContractPlan } from '../../domain/migrations/migration.ts';
import type { Revision } from '../../domain/service/revision.ts';
import type { Answer, Entry } from '../../domain/service/state.ts';

/** The whole of what a rollout was asked for with. */
export interface RolloutRequest extends Omit<Entry, 'revision'> {
  service: ServiceKey;
  /** What was asked; absent in what was recorded before 30 November 2026. */
  verb?: Command['asked']['kind'];
  reason?: string;
  /** By somebody who may pass all gates, and does. */
  breakGlass?: true;
  /** A new revision, for `deploy`. */
  revision?: Revision;
  /** Webhooks of the service as it was described then, for kinds of rollouts that have any. */
  hooks?: HookSpec[];
  /** What is taken away once nobody goes back from its revision. */
  contract?: ContractPlan;
  /** How the service was described before, where this describes it anew; absent in what was recorded before December 2026. */
  before?: ReplacedDescription;
}

/** A request as it was answered. */
export interface RequestRecord extends Answer {
  service: ServiceKey;
  /** ISO 8601. */
  at: string;
  /** The rollout it asks for; absent where none of its own follows. */
  entry?: RolloutRequest;
}

/**
 * The requests of each service that were answered: a service's workflow that begins afresh takes its queue up again from
 * here, and knows a repeated request. All writes may be repeated.
 */
export interface RequestLog {
  /** Inserts or replaces by request id and time. One saved before with the same rollout is forgotten. */
  save(record: RequestRecord): Promise<void>;
  /** It was taken back before anybody heard of it: asked again, it is a new one. */
  forget(key: ServiceKey, requestId: string, at: string): Promise<void>;
  /** The latest one under this id. */
  find(key: ServiceKey, requestId: string): Promise<RequestRecord | undefined>;
  /** Newest first. */
  latest(key: ServiceKey, limit: number): Promise<RequestRecord[]>;
  /** A rollout as it was asked for. */
  entry(key: ServiceKey, rollout: number): Promise<RolloutRequest | undefined>;
  /** Rollouts that were asked for and are recorded neither as begun nor as dropped, in order; of all services unless told. */
  queue(key?: ServiceKey): Promise<RolloutRequest[]>;
  /** The services that have any. */
  waiting(): Promise<ServiceKey[]>;
  /** Forgets what was asked for before that time, ISO 8601, but for rollouts that have not ended. */
  prune(key: ServiceKey, before: string): Promise<void>;
}
