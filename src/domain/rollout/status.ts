import type { Hold } from '../rollback/hold.ts';
import type { ContractStatus } from '../migrations/contract.ts';
import type { RollbackSafety } from '../rollback/verdict.ts';
import type { HookReport } from '../hooks/report.ts';
import type { BreakGlass, GateStatus } from '../gates/status.ts';
import type { RolloutVerdict } from '../evidence/checks.ts';
import type { Exposure, PlanOutline } from './exposure.ts';
import type { Step } from './plan.ts';
import type { RevisionState } from '../service/revision.ts';
import type { DrainReport, RouteObservation } from '../traffic/route.ts';
import type { Freeze, Phase, RolloutKind, RolloutOutcome, Wait } from './rollout.ts';
import type { ServiceKey, ServiceSettings, ServiceSpec } from '../service/service.ts';
import type { Warning } from '../service/warning.ts';
import type { PendingActivity } from './pending-activity.ts';

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

/** One step of a rollout's plan: how much traffic, for how long, and how it stands. */
export interface StepStatus extends Pick<Step, 'weight' | 'bakeMs' | 'audience'> {
  /** From 1 on. */
  number: number;
  state: PhaseState;
  /** ISO 8601; absent while pending or skipped. */
  startedAt?: string;
  endedAt?: string;
  /** What it found, in one line. */
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
  /** The fresh copy of that which the revision is compared with; absent where there is none. */
  baseline?: number;
  artifact?: string;
  actor: string;
  reason?: string;
  phase: Phase;
  /** All seven, in order. */
  phases: PhaseStatus[];
  /** The steps in which traffic moves, in order; none where none does. */
  steps: StepStatus[];
  /** What these steps come to; absent where none is planned. */
  plan?: PlanOutline;
  /** How much of the traffic the revision had for how long, once that is over; absent where it had none. */
  exposure?: Exposure;
  startedAt: string;
  endedAt?: string;
  outcome?: RolloutOutcome;
  /** Why it ended so, where it did not succeed. */
  because?: string;
  /** It is being put back, since this phase; absent once it is over. */
  undoing?: Phase;
  /** Where its revision is looked at before it has traffic, `http://127.0.0.1:8081`; absent while it is not. */
  preview?: string;
  /** What it waits for now. */
  wait?: Wait;
  /** What it carries out now, while that lasts; from Temporal rather than from its workflow, which cannot know. */
  activities?: PendingActivity[];
  paused: boolean;
  /** It failed and is not put back: it waits for a person. */
  frozen?: Freeze;
  /** The gates that it has come to, the latest last; none where none stood in its way. */
  gates?: GateStatus[];
  /** Who passes its gates without waiting, and why. */
  breakGlass?: BreakGlass;
  verdicts: RolloutVerdict[];
  /** What the hooks that it has called said; absent where it has called none. */
  hooks?: HookReport[];
  /** How the requests in flight of revisions ended whose stacks it took down. */
  drains?: DrainReport[];
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
  /** It is a baseline: a fresh copy of this revision. */
  copyOf?: number;
}

/** A service as its workflow knows it: by reference. Shown in the Temporal UI. */
export interface ServiceWorkflowStatus extends Omit<ServiceStatus, 'spec' | 'removedAt'> {
  settings: ServiceSettings;
  removed: boolean;
}

/** A service as it is recorded. */
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
  /** The release of the last rollout that ended, where that has put it on hold. Told as a warning. */
  hold?: Hold;
  /** What is to be taken away once nobody goes back any more; absent where there is nothing. */
  contracts?: ContractStatus[];
  /** What keeps its workflow from its work, so that requests are not answered. */
  trouble?: Wait;
  /** When it was removed, ISO 8601: stacks are left of it, whose teardown goes on. */
  removedAt?: string;
}

/** Everything `status` and `watch` draw from. */
export interface ServiceView {
  status: ServiceStatus;
  /** The running rollout, else the last one. */
  rollout?: RolloutStatus;
  /** What the router reports; absent when it cannot be reached or has no route. */
  route?: RouteObservation;
  /** What is wrong although no rollout says so, the worst first. */
  warnings?: Warning[];
  /** Deep link to the rollout in the Temporal UI, where its address is known. */
  link?: string;
  /** What is known of going back from what is live, where somebody has tried it or the service demands that. */
  rollback?: RollbackSafety;
}
