import type { Verdict } from './checks.ts';
import type { RevisionState } from './revision.ts';
import type { RouteObservation } from './route.ts';
import type { Phase, RolloutKind, RolloutOutcome, Wait } from './rollout.ts';
import type { ServiceKey, ServiceSpec } from './service.ts';

export type PhaseState = 'done' | 'running' | 'failed' | 'skipped' | 'pending';

export interface PhaseStatus {
  phase: Phase;
  state: PhaseState;
  /** ISO 8601; absent while pending or skipped. */
  startedAt?: string;
  endedAt?: string;
  /** What it did or found, in one line. */
  note?: string;
}

/** One rollout as people and programs see it, running or closed. Also its workflow's result. */
export interface RolloutStatus {
  service: ServiceKey;
  /** 12 in `web/production#12`. */
  number: number;
  kind: RolloutKind;
  /** The revision it tries to make live; absent for `remove`. */
  revision?: number;
  /** The revision that was live before. */
  previous?: number;
  artifact?: string;
  actor: string;
  reason?: string;
  phase: Phase;
  /** All seven, in order. */
  phases: PhaseStatus[];
  startedAt: string;
  endedAt?: string;
  outcome?: RolloutOutcome;
  /** Why it ended so, where it did not succeed. */
  because?: string;
  /** What it waits for now. */
  wait?: Wait;
  paused: boolean;
  verdicts: Verdict[];
  /** Stacks it could not destroy; their teardown goes on by itself. */
  quarantined: string[];
}

/** A stack whose teardown failed and is being retried on a schedule. */
export interface Quarantine {
  stack: string;
  revision: number;
  since: string;
  attempts: number;
  nextAttemptAt: string;
  lastError: string;
}

export interface QueuedRollout {
  number: number;
  kind: RolloutKind;
  revision?: number;
  artifact?: string;
  actor: string;
  queuedAt: string;
}

export interface RevisionStatus {
  number: number;
  artifact: string;
  state: RevisionState;
  since: string;
  /** Until when a warm revision is kept, ISO 8601. */
  warmUntil?: string;
  /** `http://127.0.0.1:43121`. */
  endpoints: string[];
  /** Kept warm whatever retention says. */
  pinned?: boolean;
  /** Nobody goes back to it. */
  bad?: boolean;
}

/** A service as its workflow knows it. */
export interface ServiceStatus {
  spec: ServiceSpec;
  /** Live, warm, and the one being rolled out; newest first. */
  revisions: RevisionStatus[];
  live?: number;
  /** Number of the rollout that runs now, and of the last that ended. */
  running?: number;
  last?: number;
  queue: QueuedRollout[];
  quarantine: Quarantine[];
  removed: boolean;
}

/** Everything `status` and `watch` draw from. */
export interface ServiceView {
  status: ServiceStatus;
  /** The running rollout, else the last one. */
  rollout?: RolloutStatus;
  /** What the router reports; absent when it cannot be reached or has no route. */
  route?: RouteObservation;
  /** Deep link to the rollout in the Temporal UI, where its address is known. */
  link?: string;
}
