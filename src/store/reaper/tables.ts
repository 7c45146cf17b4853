/** The tables of the reaper. `content` is JSON; times are ISO 8601. */
export interface ReaperTables {
  reaper_notes: NoteRow;
  reaper_reports: ReportRow;
  reaper_requests: RequestRow;
}

export interface NoteRow {
  project: string;
  stack: string;
  content: string;
}

/** There is one. */
export interface ReportRow {
  id: string;
  content: string;
}

export interface RequestRow {
  request_id: string;
  fingerprint: string;
  /** 0 or 1. */
  skip_grace: number;
  at: string;
  taken_at: string | null;
}
