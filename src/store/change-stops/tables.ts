/** Times are ISO 8601. */
export interface ChangeStopTables {
  change_stops: ChangeStopRow;
}

export interface ChangeStopRow {
  /** An environment, or an empty text for all. */
  environment: string;
  actor: string;
  reason: string;
  since: string;
  until: string | null;
}
