import type { CheckTiming, HttpCheck } from '../../domain/evidence/checks.ts';
import type { RetentionSpec, StrategySpec } from '../../domain/service/service.ts';

// What a manifest means where it says nothing. Name, environment, artifact and blueprint have no default.

/** Ten seconds of real traffic show a process that dies of its first requests, and cost a person little patience. */
export const DEFAULT_STRATEGY: StrategySpec = { kind: 'blue-green', bakeMs: 10_000 };

/** One previous revision for an hour: the span in which most bad releases are noticed, at the price of one more stack. */
export const DEFAULT_RETENTION: RetentionSpec = { warm: 1, warmForMs: 3_600_000 };

/**
 * Three in a row, half a second apart: one answer may be luck, and a process that crashes right after it came up is seen.
 * Five seconds for an answer and a minute for all of it: a cold start takes its time, a hung one must not take ours.
 */
export const DEFAULT_TIMING: CheckTiming = { successes: 3, intervalMs: 500, timeoutMs: 5000, deadlineMs: 60_000 };

/** A short deadline alone shortens the default time-out; only two given ones can contradict each other. */
export function chooseTimeout(timeout: number | undefined, deadline: number): number {
  return timeout ?? Math.min(DEFAULT_TIMING.timeoutMs, deadline);
}

/** Success and redirection, as load balancers and Kubernetes probes take them: many a front page redirects to a login. */
export const DEFAULT_STATUS: number[] = range(200, 208).concat(range(300, 308));

/** No checks given: a revision must prove health all the same, and answering on its front page is the least it can do. */
export const DEFAULT_CHECKS: HttpCheck[] = [
  { kind: 'http', name: 'answers', path: '/', status: DEFAULT_STATUS, responseHeaders: {}, ...DEFAULT_TIMING },
];

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
