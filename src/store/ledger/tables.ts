/** The tables of the drivers' ledger. */
export interface LedgerTables {
  operations: OperationRow;
  commissions: CommissionRow;
}

/** There is one for each stack that was ever claimed: the token has to be remembered. */
export interface OperationRow {
  project: string;
  stack: string;
  token: number;
  /** Null while nobody holds the stack; what follows means nothing then. */
  operation: string | null;
  host: string;
  machine: string;
  owner_pid: number;
  owner_started: string;
  /** ISO 8601, for people. */
  started_at: string;
  /** Milliseconds since 1970, by the database's clock. */
  lease_until: number;
  folder: string | null;
  /** JSON. */
  kept: string | null;
  /** A JSON list of machines. */
  abandoned: string;
}

export interface CommissionRow {
  project: string;
  stack: string;
  /** A digest. */
  input: string;
  /** 0 or 1. */
  provisioned: number;
  /** JSON. */
  made: string | null;
  host: string | null;
  /** Milliseconds since 1970, by the database's clock. */
  forgotten_at: number | null;
}
