import type { ExperimentKey, ExperimentSpec } from '../../domain/experiment/experiment.ts';
import type { Lease } from '../../domain/experiment/lease.ts';
import type { RollbackPair, RollbackProof } from '../../domain/rollback/proof.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { Comparison, Measurement } from '../../domain/experiment/measurement.ts';
import type { RunOutcome, RunPlan, RunRef, RunResults, RunStatus, RunTrigger } from '../../domain/experiment/run.ts';

/** An experiment as it was last applied. */
export interface ExperimentRecord {
  spec: ExperimentSpec;
  /** Why it does not run by itself at present, and who said so. */
  paused?: { by: string; at: string; reason?: string };
  /** The highest number that a run has had. */
  lastRun: number;
  /** Rises with each change: what Temporal's schedule was made from. */
  version: number;
  /** When it was deleted, ISO 8601. Its numbers stay taken. */
  deletedAt?: string;
}

/** A change of an experiment that was asked for, for a repeat to be known by. */
export interface ExperimentChange {
  requestId: string;
  /** Of what was asked for: another one under the same id is a conflict. */
  fingerprint: string;
  /** ISO 8601. */
  at: string;
  /** What was answered. */
  answer: string;
}

/** The experiments there are. All writes may be repeated. */
export interface ExperimentCatalogue {
  /** Inserts or replaces; one that was deleted is back, with its numbers going on. Its version rises. */
  save(spec: ExperimentSpec): Promise<ExperimentRecord>;
  /** `undefined` lets it run by itself again. */
  setPaused(key: ExperimentKey, paused: ExperimentRecord['paused']): Promise<void>;
  /** @param version the one that is meant: one that was saved since stays */
  delete(key: ExperimentKey, at: string, version?: number): Promise<void>;
  /** Deleted or not. */
  find(key: ExperimentKey): Promise<ExperimentRecord | undefined>;
  /** All that are not deleted, by name; or those that are as well. */
  list(options?: { deleted?: boolean }): Promise<ExperimentRecord[]>;
}

/** The changes that were answered, for repeats to be known by. All writes may be repeated. */
export interface ChangeLog {
  /** Keeps what was answered, unless something was answered under this id already; returns what stands. */
  remember(key: ExperimentKey, change: ExperimentChange): Promise<ExperimentChange>;
  recall(key: ExperimentKey, requestId: string): Promise<ExperimentChange | undefined>;
  /** Forgets what was answered before that time, ISO 8601. */
  prune(before: string): Promise<void>;
}

/** A run as it is recorded. */
export interface RunRecord {
  status: RunStatus;
  /** The workflow that carries it out, and its first run where it has begun. */
  workflowId: string;
  firstRunId?: string;
  /** How many stacks it has at most; what its budget counts. */
  stacks: number;
  /** That it ends, who has said so and why: somebody who wants that, or its own workflow. The first counts. `disproves`
   * where it is a drill that has found a rollback not to work. */
  stop?: { by: string; reason?: string; outcome: RunOutcome; disproves?: true };
  /** What it does, once it has taken its leases. */
  plan?: RunPlan;
}

/** What a run is begun with. */
export interface RunStart {
  experiment: ExperimentKey;
  workflowId: string;
  firstRunId?: string;
  trigger: RunTrigger;
  actor: string;
  reason?: string;
  at: string;
  deadlineAt: string;
  stacks: number;
}

/** The runs of experiments. All writes may be repeated. */
export interface RunLog {
  /** Gives the run of that workflow its number, once: a repeat finds it, with its first run filled in. */
  begin(start: RunStart): Promise<RunRecord>;
  /** Replaces how it stands. A run that has an outcome keeps it. */
  save(status: RunStatus): Promise<void>;
  /** What somebody wants of it; the first to end it counts. A later deadline counts, too. */
  ask(ref: RunRef, wanted: Pick<RunRecord, 'stop'> & { deadlineAt?: string }): Promise<RunRecord | undefined>;
  /** Fixes what it does, and how many stacks it has. The first time counts. */
  plan(ref: RunRef, plan: RunPlan): Promise<RunRecord | undefined>;
  find(ref: RunRef): Promise<RunRecord | undefined>;
  /** That of a workflow. */
  ofWorkflow(workflowId: string): Promise<RunRecord | undefined>;
  /** Newest first, below a number. */
  list(key: ExperimentKey, options?: { below?: number; limit?: number }): Promise<RunRecord[]>;
  /** Those without an outcome, of one experiment or of all; oldest first. */
  open(key?: ExperimentKey): Promise<RunRecord[]>;
  /** Those that were open at some moment since, oldest first: what a budget counts. */
  since(key: ExperimentKey, time: string): Promise<RunRecord[]>;
}

/** The leases of stacks. All writes may be repeated. */
export interface LeaseLog {
  /** Records all of them, or none; those that are recorded stay as they are. */
  take(leases: readonly Lease[]): Promise<void>;
  extend(run: RunRef, deadlineAt: string): Promise<void>;
  /** The stack is gone. */
  release(id: Pick<Lease, 'project' | 'stack'>): Promise<void>;
  find(id: Pick<Lease, 'project' | 'stack'>): Promise<Lease | undefined>;
  /** Those of one run, or of all. */
  list(run?: RunRef): Promise<Lease[]>;
}

/** What runs have found out. All writes may be repeated. */
export interface ResultLog {
  /** One for each variant and probe: a repeat replaces it. The first says until when, ISO 8601, all of the run's are kept. */
  saveMeasurement(run: RunRef, measurement: Measurement, keptUntil: string): Promise<void>;
  saveComparisons(run: RunRef, comparisons: readonly Comparison[]): Promise<void>;
  find(run: RunRef): Promise<RunResults | undefined>;
  /** Newest first. */
  list(key: ExperimentKey, options?: { below?: number; limit?: number }): Promise<RunResults[]>;
  /** Forgets what was to be kept until before that time; returns how many. */
  prune(before: string): Promise<number>;
}

/** What drills have found out about rollbacks. */
export interface ProofLog {
  /** Of a pair of releases, the latest stands. May be repeated. */
  save(proof: RollbackProof): Promise<void>;
  find(pair: RollbackPair): Promise<RollbackProof | undefined>;
  /** Newest first; of rollbacks from one release, or of all. */
  list(service: ServiceKey, options?: { from?: string; limit?: number }): Promise<RollbackProof[]>;
}

/** Everything that is recorded of experiments. */
export interface ExperimentStore {
  experiments: ExperimentCatalogue;
  changes: ChangeLog;
  runs: RunLog;
  leases: LeaseLog;
  results: ResultLog;
  proofs: ProofLog;
}
