import type { Revision } from './revision.ts';
import type { Route } from './route.ts';
import type { RolloutKind } from './rollout.ts';
import type { ServiceKey, ServiceSpec } from './service.ts';
import type { Lineup } from './standing.ts';
import type { RolloutStatus } from './status.ts';

/** Who asks for a change, why, and the id under which asking again is a repeat. */
export interface Change {
  actor: string;
  reason?: string;
  requestId: string;
  /** Only says whether it would be taken; starts nothing. For gateways: nothing behind them sees such a change. */
  dryRun?: boolean;
  /**
   * Not to be begun after this, ISO 8601 on Temporal's clock. Whoever asked has been told by then that nothing was started, so nothing may
   * start when a worker finds the request later.
   */
  expiresAt?: string;
}

/** What is asked of a service. */
export type Request =
  | { kind: 'apply'; spec: ServiceSpec }
  | { kind: 'deploy'; artifact: string }
  | { kind: 'rollback'; to?: number }
  | { kind: 'remove' };

/** What is asked of a service without a rollout following from it. */
export type Note =
  /** Takes a rollout out of the queue. */
  | { kind: 'drop'; rollout: number }
  /** Keeps a warm revision whatever retention says, until it is unpinned. */
  | { kind: 'pin'; revision: number }
  | { kind: 'unpin'; revision: number }
  /** No rollback goes there any more. */
  | { kind: 'mark-bad'; revision: number };

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
  /** The revision to make live; absent for `remove`, and for a rollback that finds nothing to go back to. */
  revision?: Revision;
  lineup: Lineup;
  /** Revisions that retention does not count. */
  pinned?: number[];
}

/** What a rollout leaves behind; the rollout workflow's result. */
export interface RolloutResult {
  status: RolloutStatus;
  lineup: Lineup;
}

/** A stack to take down, however long that takes; the teardown workflow's argument. */
export interface TeardownInput {
  v: 1;
  /** The rollout it follows from, for the audit log. */
  ref: RolloutRef;
  revision: Revision;
  becomes: 'retired' | 'failed';
  /** Why it has to go, for people: `retention is over`. */
  because: string;
  /** The service's route without it, written first; a newer route wins. */
  route?: Route;
  attempts: number;
  since: string;
  lastError?: string;
  /** First pause between attempts, in milliseconds; doubles up to 64 times this. */
  retryMs: number;
}

/** What a teardown tells its service. */
export interface TeardownReport {
  revision: number;
  stack: string;
  gone: boolean;
  since: string;
  attempts: number;
  nextAttemptAt?: string;
  lastError?: string;
}

/** Workflow ids; what people see in the Temporal UI's list. */
export const workflowIds = {
  service: (service: ServiceKey): string => `service/${service.name}/${service.environment}`,
  rollout: (service: ServiceKey, number: number): string => `rollout/${service.name}/${service.environment}/${number}`,
  teardown: (service: ServiceKey, revision: number): string =>
    `teardown/${service.name}/${service.environment}/r${revision}`,
};

/** How late a worker may begin a request, so that its answer still comes in time, in milliseconds. */
export const BEGIN_MS = 8_000;
