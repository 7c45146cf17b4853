/** Timing shared by every kind of check. */
export interface CheckTiming {
  /** Successes in a row that make the check pass. */
  successes: number;
  /** Pause between two attempts, in milliseconds. */
  intervalMs: number;
  /** Limit for one attempt, in milliseconds. */
  timeoutMs: number;
  /** Limit for the check as a whole, in milliseconds: not passed by then is failed. */
  deadlineMs: number;
}

/** Asks every endpoint of the stack over HTTP. */
export interface HttpCheck extends CheckTiming {
  kind: 'http';
  name: string;
  path: string;
  /** Accepted status codes. */
  status: number[];
  /** Header names (lower case) and the exact values they must have. */
  headers: Record<string, string>;
  /** Text the body must contain. */
  bodyContains?: string;
  /** Slowest accepted answer, in milliseconds, body included. */
  maxLatencyMs?: number;
}

/** Runs a command; exit code 0 is a success. `{url}`, `{host}` and `{port}` in the arguments are the endpoint's. */
export interface CommandCheck extends CheckTiming {
  kind: 'command';
  name: string;
  command: string[];
}

/** One validation of a stack that nobody uses yet. */
export type CheckSpec = HttpCheck | CommandCheck;

/**
 * What a check found, bound to the revision it looked at. No answer is never a pass: `inconclusive` means that the
 * check itself could not be carried out.
 */
export interface Verdict {
  check: string;
  verdict: 'pass' | 'fail' | 'inconclusive';
  revision: number;
  /** Attempts made, of which `passed` succeeded. */
  attempts: number;
  passed: number;
  /** When the first attempt began and the last one ended, ISO 8601. */
  from: string;
  to: string;
  /** What was seen, for people: `GET http://127.0.0.1:4123/ answered 500, wanted 200`. */
  evidence: string;
}
