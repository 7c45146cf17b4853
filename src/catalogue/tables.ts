/** The catalogue's tables. `spec`, `blueprint`, `checks`, `endpoints`, `pinned`, `bad`, `ticket` and `entry` are JSON; times are ISO 8601. */
export interface CatalogueTables {
  services: ServiceRow;
  revisions: RevisionRow;
  rollouts: RolloutRow;
  requests: RequestRow;
}

export interface ServiceRow {
  service: string;
  environment: string;
  spec: string;
  removed_at: string | null;
  /** Of whoever wrote it last. */
  write_order: number;
  pinned: string;
  bad: string;
}

export interface RevisionRow {
  service: string;
  environment: string;
  number: number;
  artifact: string;
  blueprint: string;
  checks: string;
  requested_by: string;
  created_at: string;
  state: string;
  since: string;
  endpoints: string;
  write_order: number;
}

export interface RolloutRow {
  service: string;
  environment: string;
  number: number;
  kind: string;
  revision: number | null;
  actor: string;
  reason: string | null;
  started_at: string;
  ended_at: string | null;
  outcome: string | null;
  because: string | null;
}

export interface RequestRow {
  service: string;
  environment: string;
  request_id: string;
  at: string;
  fingerprint: string;
  ticket: string | null;
  rollout: number | null;
  entry: string | null;
}
