import type { CheckSpec } from '../evidence/checks.ts';
import type { Endpoint } from '../service/revision.ts';
import type { ServiceKey } from '../service/service.ts';
import type { Wait } from '../rollout/rollout.ts';
import { type CompareSpec, type ExperimentKey, type Stay, formatExperimentId } from './experiment.ts';
import type { Comparison, Measurement } from './measurement.ts';
import type { ProbeSpec } from './probe.ts';

/** Names a run of an experiment wherever it leaves a trace. */
export interface RunRef {
  experiment: ExperimentKey;
  /** 1, 2, 3, … of each experiment. */
  run: number;
}

/** `nightly/production@12`. A rollout has a `#` in its place. */
export function formatRunName({ experiment, run }: RunRef): string {
  return `${formatExperimentId(experiment)}@${run}`;
}

/** The parts of a run, in order. Their names are what logs, the UI and the CLI show. */
export const RUN_PHASES = ['lease', 'provision', 'validate', 'probe', 'compare', 'hold', 'destroy'] as const;
export type RunPhase = (typeof RUN_PHASES)[number];

/**
 * How a run ended.
 * - `succeeded`: everything was probed, and every check passed; or it was there until its TTL was over, as was asked for.
 * - `failed`: a variant could not be made, was not healthy, or did not pass a check.
 * - `stopped`: somebody ended it.
 * - `expired`: its TTL was over before everything was probed.
 * - `replaced`: the next run took its place.
 * - `skipped`: it did not take place: another one went on, or the budget was spent.
 * - `lost`: its workflow was terminated, or Temporal lost it; the reaper has destroyed its stacks.
 */
export const RUN_OUTCOMES = ['succeeded', 'failed', 'stopped', 'expired', 'replaced', 'skipped', 'lost'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** What made a run begin. */
export const RUN_TRIGGERS = ['schedule', 'backfill', 'person'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

/** How a part of a run stands. */
export interface RunPhaseStatus {
  phase: RunPhase;
  state: 'pending' | 'running' | 'done' | 'failed' | 'skipped';
  /** ISO 8601. */
  startedAt?: string;
  endedAt?: string;
  note?: string;
}

/** A variant of a run, as it was resolved when the run began. */
export interface RunVariant {
  name: string;
  /** For people. */
  artifact: string;
  blueprint: string;
  /** Where its stack is made; absent of the default pool. */
  pool?: string;
  /** The revision that it is like. */
  like?: { service: ServiceKey; revision: number };
  /** Known once it is provisioned; none once it is gone. */
  endpoints: Endpoint[];
  /** Where the router leads to it. */
  address?: Endpoint;
  state: 'leased' | 'provisioning' | 'ready' | 'destroying' | 'gone';
}

/** A run as people see it; what its workflow answers, and what is recorded. */
export interface RunStatus extends RunRef {
  trigger: RunTrigger;
  actor: string;
  reason?: string;
  /** ISO 8601. */
  startedAt: string;
  /** When its stacks are destroyed at the latest. */
  deadlineAt: string;
  endedAt?: string;
  phase: RunPhase;
  phases: RunPhaseStatus[];
  variants: RunVariant[];
  wait?: Wait;
  outcome?: RunOutcome;
  /** Why it ended so, or why it waits, in one line. */
  because?: string;
}

/**
 * What a run does, fixed when it takes its leases: the experiment may be described anew meanwhile, or be deleted. What its
 * stacks are made from is in their leases.
 */
export interface RunPlan {
  /** In the order of their description, with what their stacks have to prove. */
  variants: { name: string; checks: CheckSpec[] }[];
  probes: ProbeSpec[];
  compare?: CompareSpec;
  stay: Stay;
  /** How long results are kept, in milliseconds. */
  keepMs: number;
  addresses?: Record<string, number>;
  /** Earlier runs end for it once it is healthy and has its addresses. */
  handsOver?: true;
  /** The rollback that it tries, where it is a drill. */
  drill?: DrillPlan;
}

/** The rollback that a drill tries. */
export interface DrillPlan {
  service: ServiceKey;
  from: DrillSide;
  to: DrillSide;
}

export interface DrillSide {
  /** As revisions have it, without what is different for the drill alone. */
  release: string;
  /** What people call it: `r5`, or the artifact of one that is not deployed. */
  label: string;
}

/** What a run has found out. */
export interface RunResults extends RunRef {
  measurements: Measurement[];
  comparisons: Comparison[];
  /** Until when they are kept, ISO 8601. */
  keptUntil: string;
}

/** Ids in Temporal; what people see in its UI. */
export const experimentIds = {
  /** Of the schedule. */
  schedule: (key: ExperimentKey): string => `experiment/${formatExperimentId(key)}`,
  /** Of the workflow of a run that somebody asked for. */
  requested: (key: ExperimentKey, requestId: string): string => `experiment/${formatExperimentId(key)}/by-${requestId}`,
  /** Of the workflow that makes up for the run of a time, ISO 8601. */
  backfilled: (key: ExperimentKey, requestId: string, time: string): string =>
    `${experimentIds.requested(key, requestId)}-${time}`,
  /** What a schedule makes the ids of its workflows from, with the time behind it. */
  scheduled: (key: ExperimentKey): string => `experiment/${formatExperimentId(key)}/at`,
};

/** One run; the experiment workflow's argument. Everything else is recorded. `v` is the shape's version. */
export interface ExperimentInput {
  v: 1;
  experiment: ExperimentKey;
}
