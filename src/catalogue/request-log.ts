import type { ServiceKey } from '../domain/service.ts';
import type { Answer, Entry } from '../domain/service-state.ts';

/** A request as it was answered. */
export interface RequestRecord extends Answer {
  service: ServiceKey;
  /** ISO 8601. */
  at: string;
  /** The rollout it asks for; absent where none of its own follows. */
  entry?: Entry;
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
  entry(key: ServiceKey, rollout: number): Promise<Entry | undefined>;
  /** Rollouts that were asked for and are on record neither as begun nor as dropped, in order; of all services unless told. */
  queue(key?: ServiceKey): Promise<Entry[]>;
  /** Forgets what was asked for before that time, ISO 8601, but for rollouts that have not ended. */
  prune(key: ServiceKey, before: string): Promise<void>;
}
