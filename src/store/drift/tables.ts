/** The table of drift. */
export interface DriftTables {
  drift_records: DriftRow;
}

export interface DriftRow {
  service: string;
  environment: string;
  revision: number;
  version: number;
  /** JSON. */
  content: string;
}
