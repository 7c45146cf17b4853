import type { JsonObject } from '../../domain/json.ts';

/** What happened, before it is given its place in the chain. */
export interface AuditEntry {
  /**
   * Names this very event, for instance `web/production#12/shift/intent`. Appending the same key again is a repeat: the
   * stored event is returned and nothing is added, so that a retried activity never duplicates.
   */
  key: string;
  /** Dotted and past tense: `rollout.started`, `route.changed`, `stack.destroyed`. */
  type: string;
  /** What it is about: `web/production`. */
  subject: string;
  /** The rollout it belongs to, where there is one: `web/production#12`. */
  rollout?: string;
  actor: string;
  /** Why, in the actor's or the engine's words. */
  reason?: string;
  /** Before, after, evidence: whatever the type calls for. Never a secret. */
  data: JsonObject;
}

/** One line of the record. */
export interface AuditEvent extends AuditEntry {
  /** 1, 2, 3, … without a gap. */
  seq: number;
  /** When it was written, ISO 8601 in UTC. */
  at: string;
  /** `hash` of the line before; 64 zeros for the first. */
  previousHash: string;
  /** SHA-256 over `previousHash` and the canonical JSON of everything else but itself, in hex. */
  hash: string;
}

export interface AuditQuery {
  /** Only events with a higher `seq`. */
  afterSeq?: number;
  subject?: string;
  rollout?: string;
  /** At most this many, oldest first. 1,000 unless told. */
  limit?: number;
}

/**
 * Whether the chain holds; names the first broken line where it does not. `events` counts the lines that hold, from the
 * first on.
 */
export type ChainVerdict =
  { ok: true; events: number; head: string } | { ok: false; events: number; brokenSeq: number; fault: string };

/** An append-only, hash-chained record. Every append is durable when it returns. */
export interface AuditStore {
  append(entry: AuditEntry): Promise<AuditEvent>;
  list(query?: AuditQuery): Promise<AuditEvent[]>;
  /**
   * Recomputes the chain from the first line to the last. With a head that was noted earlier somewhere else, it also
   * shows whether lines were cut off the end since, which a chain alone cannot.
   */
  verify(notedHead?: string): Promise<ChainVerdict>;
  close(): Promise<void>;
}

/** The same key was appended before with other content. */
export class AuditConflictError extends Error {
  override readonly name = 'AuditConflictError';
}
/** The entry cannot be recorded as it is: an empty field, data that is not JSON. Trying again does not help. */
export class AuditEntryError extends Error {
  override readonly name = 'AuditEntryError';
}
/** The store cannot be used: missing, locked for too long, corrupt. */
export class AuditUnavailableError extends Error {
  override readonly name = 'AuditUnavailableError';
}

/** There is no store at that place: a worker makes it when it starts. */
export class StoreMissingError extends AuditUnavailableError {}
