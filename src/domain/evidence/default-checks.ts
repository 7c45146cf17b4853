import type { CheckTiming, HttpCheck } from './checks.ts';

/**
 * Three in a row, half a second apart: one answer may be luck, and a process that crashes right after it came up is seen.
 * Five seconds for an answer and a minute for all of it: a cold start takes its time, a hung one must not take ours.
 */
export const DEFAULT_TIMING: CheckTiming = { successes: 3, intervalMs: 500, timeoutMs: 5000, deadlineMs: 60_000 };

/** Success and redirection, as load balancers and Kubernetes probes take them: many a front page redirects to a login. */
export const DEFAULT_STATUS: number[] = range(200, 208).concat(range(300, 308));

/** No checks given: a stack must prove health all the same, and answering on its front page is the least it can do. */
export const DEFAULT_CHECKS: HttpCheck[] = [
  { kind: 'http', name: 'answers', path: '/', status: DEFAULT_STATUS, responseHeaders: {}, ...DEFAULT_TIMING },
];

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
