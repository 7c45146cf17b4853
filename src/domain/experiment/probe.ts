import type { CheckSpec, HttpMethod } from '../evidence/checks.ts';

/** What is found out about every variant. One member for each kind there is. */
export type ProbeSpec = CheckProbe | LoadProbe;

/** A check, as services have it: what it finds is its verdict. */
export interface CheckProbe {
  kind: 'check';
  name: string;
  check: CheckSpec;
}

/**
 * Requests at a rate that does not depend on how fast they are answered (an open loop): a slow variant is not spared. Their
 * latencies count from the moment at which each was to be sent (https://www.scylladb.com/2021/04/22/on-coordinated-omission/).
 */
export interface LoadProbe {
  kind: 'load';
  name: string;
  /** Requests a second, for each variant. */
  rate: number;
  /** For how long, in milliseconds. */
  forMs: number;
  /** What is sent before, at the same rate, and not counted, in milliseconds. */
  warmUpMs: number;
  method: HttpMethod;
  path: string;
  requestHeaders?: Record<string, string>;
  requestBody?: string;
  /** Accepted status codes. */
  status: number[];
  /** When a request counts as unanswered, in milliseconds. */
  timeoutMs: number;
}

/** A load that says no more than its rate and how long. Caches and compilers get two seconds. */
export const LOAD_DEFAULTS = { warmUpMs: 2_000, timeoutMs: 5_000, path: '/', method: 'GET' } as const;

/** Success and redirection: what a load accepts where it does not say. */
export const LOAD_STATUS: readonly number[] = Array.from({ length: 200 }, (_, index) => 200 + index);
