/**
 * What becomes of a stack that was found.
 * - `owned`: it stays.
 * - `condemned`: it has no owner, and is destroyed after a grace.
 * - `reaping`: it is being destroyed, or that is tried again.
 * - `given-up`: it could not be destroyed, and a person has to look after it.
 */
export const FINDING_VERDICTS = ['owned', 'condemned', 'reaping', 'given-up'] as const;
export type FindingVerdict = (typeof FINDING_VERDICTS)[number];

/** A stack that was found, and what becomes of it. */
export interface Finding {
  project: string;
  stack: string;
  verdict: FindingVerdict;
  /** Whose it is, or was: `web/production r17`, `nightly/production@12`. Absent where nobody knows. */
  owner?: string;
  /** Why, in one sentence. */
  because: string;
  /** When it was found without an owner first, ISO 8601. */
  foundAt?: string;
  /** When it is destroyed, or that is tried again, ISO 8601. */
  dueAt?: string;
  attempts: number;
  lastError?: string;
  /** What a person can do. */
  suggestion?: string;
}

/** What the reaper says. */
export interface ReaperReport {
  /** By project and name; those that have an owner only where they were asked for. */
  findings: Finding[];
  /** How many have an owner. */
  owned: number;
  /** When it looked last and looks next, ISO 8601. */
  lookedAt?: string;
  nextLookAt?: string;
  /** What keeps it from looking, in words. */
  trouble?: string;
}
