/** The tables of experiments. `spec`, `paused`, `status`, `stop`, `plan` and `content` are JSON; times are ISO 8601. */
export interface ExperimentTables {
  experiments: ExperimentRow;
  experiment_changes: ChangeRow;
  experiment_runs: RunRow;
  leases: LeaseRow;
  run_results: ResultRow;
  measurements: MeasurementRow;
  rollback_proofs: ProofRow;
}

export interface ExperimentRow {
  experiment: string;
  environment: string;
  spec: string;
  paused: string | null;
  version: number;
  deleted_at: string | null;
}

export interface ChangeRow {
  experiment: string;
  environment: string;
  request_id: string;
  fingerprint: string;
  at: string;
  answer: string;
}

export interface RunRow {
  experiment: string;
  environment: string;
  run: number;
  workflow_id: string;
  first_run_id: string | null;
  status: string;
  started_at: string;
  /** What counts of a deadline, whatever the status said when it was written. */
  deadline_at: string;
  ended_at: string | null;
  outcome: string | null;
  stacks: number;
  stop: string | null;
  plan: string | null;
}

export interface LeaseRow {
  project: string;
  stack: string;
  experiment: string;
  environment: string;
  run: number;
  deadline_at: string;
  content: string;
}

export interface ResultRow {
  experiment: string;
  environment: string;
  run: number;
  kept_until: string;
  comparisons: string;
}

export interface MeasurementRow {
  experiment: string;
  environment: string;
  run: number;
  variant: string;
  probe: string;
  content: string;
}

export interface ProofRow {
  service: string;
  environment: string;
  from_release: string;
  to_release: string;
  at: string;
  content: string;
}
