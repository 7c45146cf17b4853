/** The tables of the reaper. `content` is JSON; times are ISO 8601. */
export interface ReaperTables {
  reaper_notes: NoteRow;
  reaper_looks: LookRow;
  reaper_requests: RequestRow;
}

export interface NoteRow {
  project: string;
  stack: string;
  content: string;
}

/** There is one. */
export interface LookRow {
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
