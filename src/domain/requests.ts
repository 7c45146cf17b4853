import type { Lineup } from './standing.ts';
import type { Revision } from './revision.ts';
import type { RolloutKind } from './rollout.ts';
import type { RolloutStatus } from './status.ts';
import type { ServiceKey, ServiceSpec } from './service.ts';

/** Who asks for a change, why, and the id under which asking again is a repeat. */
export interface Change {
  actor: string;
  reason?: string;
  requestId: string;
}

/** What a caller gets for a request: which rollout will carry it out. */
export interface Ticket {
  service: ServiceKey;
  rollout: number;
  revision?: number;
  /** Nothing differs from what is live: no rollout was needed. */
  unchanged: boolean;
  /** Rollouts that run or wait before this one. */
  queuedBehind: number;
}

/** Names a rollout wherever it leaves a trace: activities, audit events, the catalogue. */
export interface RolloutRef {
  service: ServiceKey;
  number: number;
  actor: string;
}

/** `web/production#12`. */
export function rolloutName(ref: { service: ServiceKey; number: number }): string {
  return `${ref.service.name}/${ref.service.environment}#${ref.number}`;
}

/** One rollout, fully described; the rollout workflow's argument. `v` is the shape's version. */
export interface RolloutInput {
  v: 1;
  number: number;
  kind: RolloutKind;
  actor: string;
  reason?: string;
  spec: ServiceSpec;
  /** The revision to make live; absent for `remove`. */
  target?: number;
  lineup: Lineup;
}

/** What a rollout leaves behind; the rollout workflow's result. */
export interface RolloutResult {
  status: RolloutStatus;
  lineup: Lineup;
}

/** A stack whose teardown must go on by itself; the teardown workflow's argument. */
export interface TeardownInput {
  v: 1;
  service: ServiceKey;
  revision: Revision;
  actor: string;
  /** Why it has to go, for people: `retention is over`. */
  because: string;
  /** The rollout it belongs to, for the audit log. */
  rollout: number;
  attempts: number;
  since: string;
  lastError?: string;
  /** First pause between attempts, in milliseconds; doubles up to 64 times this. */
  retryMs: number;
}

