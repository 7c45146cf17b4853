/**
 * The catalogue's tables. `spec`, `blueprint`, `checks`, `endpoints`, `pinned`, `bad`, `holds`, `exposure`, `receipt`, `entry` and `content` are JSON;
 * times are ISO 8601.
 */
export interface CatalogueTables {
  services: ServiceRow;
  revisions: RevisionRow;
  rollouts: RolloutRow;
  requests: RequestRow;
  commands: CommandRow;
  teardowns: TeardownRow;
  contracts: ContractRow;
}

export interface ServiceRow {
  service: string;
  environment: string;
  spec: string;
  removed_at: string | null;
  /** Of the one who wrote it last. */
  write_order: number;
  pinned: string;
  bad: string;
  holds: string;
  /** When settings were changed last that have not been carried out. */
  settings_due: string | null;
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
  warm_until: string | null;
  /** Of a baseline: the revision that it is a copy of. */
  copy_of: number | null;
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
  /** Null where there was none, or nobody has kept it. */
  exposure: string | null;
}

export interface RequestRow {
  service: string;
  environment: string;
  request_id: string;
  at: string;
  fingerprint: string;
  receipt: string | null;
  rollout: number | null;
  entry: string | null;
}

export interface CommandRow {
  service: string;
  environment: string;
  id: string;
  at: string;
  content: string;
}

export interface TeardownRow {
  service: string;
  environment: string;
  revision: number;
  stack: string;
  since: string;
  attempts: number;
  next_attempt_at: string;
  last_error: string;
}

export interface ContractRow {
  service: string;
  environment: string;
  revision: number;
  state: string;
  content: string;
}
