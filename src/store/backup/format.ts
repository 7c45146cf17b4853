import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { CatalogueTables } from '../catalogue/tables.ts';
import type { ChangeStopTables } from '../change-stops/tables.ts';
import type { DriftTables } from '../drift/tables.ts';
import type { ExperimentTables } from '../experiments/tables.ts';
import type { HostTables } from '../hosts/tables.ts';
import type { InstallationTables } from '../installation/tables.ts';
import type { LedgerTables } from '../ledger/tables.ts';
import type { ReaperTables } from '../reaper/tables.ts';

/*
 * A backup is JSON Lines, the same whichever database it is of: a header, the audit events from the first on, the rows of
 * the catalogue, table by table, and a trailer over the bytes of all lines before it. An event vouches for itself and all
 * events before it; every other line carries a checksum of its own, so that the broken one can be named.
 */

export const FORMAT = 'supplant-backup';
/** Raised when what is there already is written differently. */
export const VERSION = 1;

export interface Header {
  format: typeof FORMAT;
  version: number;
  /** When it was begun, ISO 8601. */
  at: string;
  /** The last step of the schema it was made with. */
  schema: string;
  events: number;
  /** The hash of the last event. */
  head: string;
  /** How many rows there are of each table. */
  rows: Record<TableName, number>;
}

export interface Trailer {
  /** How many come before it. */
  lines: number;
  /** Over their bytes, line ends included, in hex. */
  sha256: string;
}

/** Of hosts only which there are: what runs there is listed anew. */
type Tables = CatalogueTables &
  ChangeStopTables &
  DriftTables &
  ExperimentTables &
  Pick<HostTables, 'hosts'> &
  InstallationTables &
  LedgerTables &
  ReaperTables;
export type TableName = keyof Tables;
export type Cell = string | number | null;
export type Row = Record<string, Cell>;

interface Table<Name extends TableName> {
  /** The primary key, which rows are in the order of. */
  key: (keyof Tables[Name] & string)[];
  columns: Record<keyof Tables[Name], true>;
}

/** In the order that foreign keys ask for. */
export const TABLES: { [Name in TableName]: Table<Name> } = {
  services: {
    key: ['service', 'environment'],
    columns: {
      ...{ service: true, environment: true, spec: true, removed_at: true },
      ...{ write_order: true, pinned: true, bad: true, holds: true, settings_due: true },
    },
  },
  revisions: {
    key: ['service', 'environment', 'number'],
    columns: {
      ...{ service: true, environment: true, number: true, artifact: true, blueprint: true, checks: true },
      ...{
        requested_by: true,
        created_at: true,
        state: true,
        since: true,
        endpoints: true,
        write_order: true,
        warm_until: true,
        copy_of: true,
      },
    },
  },
  rollouts: {
    key: ['service', 'environment', 'number'],
    columns: {
      ...{ service: true, environment: true, number: true, kind: true, revision: true, actor: true, reason: true },
      ...{ started_at: true, ended_at: true, outcome: true, because: true, exposure: true },
    },
  },
  requests: {
    key: ['service', 'environment', 'request_id', 'at'],
    columns: {
      ...{ service: true, environment: true, request_id: true, at: true },
      ...{ fingerprint: true, receipt: true, rollout: true, entry: true },
    },
  },
  commands: {
    key: ['service', 'environment', 'id'],
    columns: { service: true, environment: true, id: true, at: true, content: true },
  },
  teardowns: {
    key: ['service', 'environment', 'revision'],
    columns: {
      ...{ service: true, environment: true, revision: true, stack: true },
      ...{ since: true, attempts: true, next_attempt_at: true, last_error: true },
    },
  },
  contracts: {
    key: ['service', 'environment', 'revision'],
    columns: { service: true, environment: true, revision: true, state: true, content: true },
  },
  experiments: {
    key: ['experiment', 'environment'],
    columns: { experiment: true, environment: true, spec: true, paused: true, version: true, deleted_at: true },
  },
  experiment_changes: {
    key: ['experiment', 'environment', 'request_id'],
    columns: { experiment: true, environment: true, request_id: true, fingerprint: true, at: true, answer: true },
  },
  experiment_runs: {
    key: ['experiment', 'environment', 'run'],
    columns: {
      ...{ experiment: true, environment: true, run: true, workflow_id: true, first_run_id: true, status: true },
      ...{ started_at: true, deadline_at: true, ended_at: true, outcome: true, stacks: true, stop: true },
      ...{ plan: true },
    },
  },
  leases: {
    key: ['project', 'stack'],
    columns: {
      ...{ project: true, stack: true, experiment: true, environment: true, run: true },
      ...{ deadline_at: true, content: true },
    },
  },
  run_results: {
    key: ['experiment', 'environment', 'run'],
    columns: { experiment: true, environment: true, run: true, kept_until: true, comparisons: true },
  },
  measurements: {
    key: ['experiment', 'environment', 'run', 'variant', 'probe'],
    columns: { experiment: true, environment: true, run: true, variant: true, probe: true, content: true },
  },
  rollback_proofs: {
    key: ['service', 'environment', 'from_release', 'to_release'],
    columns: { service: true, environment: true, from_release: true, to_release: true, at: true, content: true },
  },
  reaper_notes: {
    key: ['project', 'stack'],
    columns: { project: true, stack: true, content: true },
  },
  reaper_looks: {
    key: ['id'],
    columns: { id: true, content: true },
  },
  reaper_requests: {
    key: ['request_id'],
    columns: { request_id: true, fingerprint: true, skip_grace: true, at: true, taken_at: true },
  },
  drift_records: {
    key: ['service', 'environment', 'revision'],
    columns: { service: true, environment: true, revision: true, version: true, content: true },
  },
  change_stops: {
    key: ['environment'],
    columns: { environment: true, actor: true, reason: true, since: true, until: true },
  },
  hosts: {
    key: ['id'],
    columns: {
      ...{ id: true, name: true, version: true, first_seen: true, last_seen: true },
      ...{ forgotten_at: true, forgotten_by: true, forgotten_reason: true },
    },
  },
  installation: { key: ['only'], columns: { only: true, id: true } },
  operations: {
    key: ['project', 'stack'],
    columns: {
      ...{ project: true, stack: true, token: true, operation: true, host: true, machine: true },
      ...{ owner_pid: true, owner_started: true, started_at: true, lease_until: true },
      ...{ folder: true, kept: true, abandoned: true },
    },
  },
  commissions: {
    key: ['project', 'stack'],
    columns: {
      ...{ project: true, stack: true, input: true, provisioned: true, made: true },
      ...{ host: true, forgotten_at: true },
    },
  },
};

export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** The line with a checksum over its content. */
export function sealLine(content: object): object {
  return { ...content, check: checkOf(content) };
}

export function isSealed(line: object): boolean {
  const { check, ...content } = line as { check?: unknown };
  return check === checkOf(content);
}

function checkOf(content: object): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 16);
}

/** The file is no backup, or not as it was written. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}
