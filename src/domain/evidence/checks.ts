import type { Json } from '../json.ts';

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

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

/** What a text has to be; `matches` is a regular expression (RE2) that has to be found in it. */
export type TextMatch = { equals: string } | { contains: string } | { matches: string };

/** How a check speaks TLS to an endpoint. */
export interface CheckTls {
  /** Takes any certificate. */
  insecure?: boolean;
  /** The name asked for, and the one the certificate must be for; the Host header's where absent. */
  serverName?: string;
}

/** What a JSON body must have at a path: anything, where neither `equals` nor `matches` is given. */
export interface JsonAssertion {
  /** A JSONPath (RFC 9535). Everything it finds counts, and it has to find something. */
  path: string;
  equals?: Json;
  /** A regular expression (RE2) that has to be found in the text. */
  matches?: string;
}

/** Asks every endpoint of the stack over HTTP. */
export interface HttpCheck extends CheckTiming {
  kind: 'http';
  name: string;
  path: string;
  /** GET where absent. */
  method?: HttpMethod;
  /** Sent as they are; `Host` too. */
  requestHeaders?: Record<string, string>;
  requestBody?: string;
  /** Plain HTTP where absent. */
  tls?: CheckTls;
  /** Goes where a redirect leads, as long as that is the same endpoint. */
  follow?: boolean;
  /** Accepted status codes. */
  status: number[];
  /** Header names (lower case) and what one of their values must be. */
  responseHeaders: Record<string, TextMatch>;
  /** Text the body must contain. */
  bodyContains?: string;
  /** A regular expression (RE2) that has to be found in the body. */
  bodyMatches?: string;
  json?: JsonAssertion[];
  /** Slowest accepted answer, in milliseconds, body included. */
  maxLatencyMs?: number;
}

/** Runs a command; exit code 0 is a success. `{url}`, `{host}` and `{port}` in the arguments are the endpoint's. */
export interface CommandCheck extends CheckTiming {
  kind: 'command';
  name: string;
  command: string[];
  /** Absolute, on the worker's host; `/` unless told. */
  workingDirectory?: string;
}

/** One validation of a stack that nobody uses yet. */
export type CheckSpec = HttpCheck | CommandCheck;

/** A number that was judged, as somebody answered it. */
export interface ReadNumber {
  /** Absent where there is no data: that is not 0. */
  value?: number;
  /** How many observations it is made of. */
  samples: number;
  /** The question as it was asked, with what the revision is called filled in; absent where there is none in words. */
  query?: string;
}

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
  /** The number that was judged, where it is about one; of the time between `from` and `to`. */
  reading?: ReadNumber;
  /** The figures behind it, by name, where there are any: what it takes to judge anew. */
  numbers?: Record<string, number>;
  /** Nothing follows from it. */
  isDryRun?: true;
}

/** Whether a rollout may go on with it: it is a pass, or nothing follows from it. */
export function isAccepted({ verdict, isDryRun }: Pick<Verdict, 'verdict' | 'isDryRun'>): boolean {
  return verdict === 'pass' || isDryRun === true;
}

/** A verdict within a rollout: what it was asked for. */
export interface RolloutVerdict extends Verdict {
  phase: 'validate' | 'bake';
  /** The step of the rollout's plan that was judged, from 1 on; absent for what was found before there was traffic. */
  step?: number;
}
