import type { ReaperNote, StackName } from '../../domain/reaper/facts.ts';
import type { ReaperReport } from '../../domain/reaper/finding.ts';

/** What somebody has asked of the reaper. */
export interface ReaperRequest {
  requestId: string;
  /** Of what was asked for: another one under the same id is a conflict. */
  fingerprint: string;
  skipGrace: boolean;
  /** ISO 8601. */
  at: string;
}

/** The last look, and what it has found. */
export interface Look extends ReaperReport {
  /** When what every worker reaches was listed last, ISO 8601. */
  sharedAt?: string;
}

/** What the reaper remembers, and what it has said last. All writes may be repeated. */
export interface ReaperLog {
  /** By project and name. */
  notes(): Promise<ReaperNote[]>;
  note(id: StackName): Promise<ReaperNote | undefined>;
  /** Inserts or replaces. */
  saveNote(note: ReaperNote): Promise<void>;
  /** It is gone, or has an owner. */
  forgetNote(id: StackName): Promise<void>;
  /** Takes the place of the last one. */
  saveLook(look: Look): Promise<void>;
  look(): Promise<Look | undefined>;
  /** Keeps what is asked for until a look has taken it up; a repeat is known by its id. Returns what stands. */
  ask(request: ReaperRequest): Promise<ReaperRequest>;
  request(requestId: string): Promise<ReaperRequest | undefined>;
  /** Those that no look has taken up yet, oldest first. */
  waiting(): Promise<ReaperRequest[]>;
  takeUp(requestId: string, at: string): Promise<void>;
  /** Forgets requests that were made before that time, ISO 8601, and taken up. */
  prune(before: string): Promise<void>;
}
