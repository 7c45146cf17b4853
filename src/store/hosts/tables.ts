/** The tables of hosts. Times are milliseconds since 1970 by the clock of the database. */
export interface HostTables {
  hosts: HostRow;
  host_inventories: InventoryRow;
  host_workers: WorkerRow;
}

export interface HostRow {
  id: string;
  name: string;
  version: string;
  first_seen: number;
  last_seen: number;
  forgotten_at: number | null;
  forgotten_by: string | null;
  forgotten_reason: string | null;
}

export interface WorkerRow {
  host: string;
  /** An id that no other process has. */
  worker: string;
  /** JSON. */
  pools: string;
  /** JSON. */
  blueprints: string;
  last_seen: number;
  /** Null of one that has not said so. */
  copy: string | null;
  /** The name of its machine; null as `copy` is. */
  machine: string | null;
}

export interface InventoryRow {
  host: string;
  /** JSON. */
  content: string;
}
