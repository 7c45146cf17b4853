import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckSpec, Verdict } from '../../domain/evidence/checks.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import type { CheckProgress } from '../../domain/rollout/pending-activity.ts';
import { attempt } from './attempt.ts';
import type { Attempt, Redact } from './outcome.ts';

export interface Subject {
  revision: number;
  endpoints: readonly Endpoint[];
}

/** A check with what must not stand in its evidence, whatever an answer or an output says. */
export type RedactedCheck = CheckSpec & { redact?: Redact };

/**
 * Repeats a check until it succeeded `successes` times in a row (pass) or its deadline is over (fail; inconclusive when
 * the last attempt could not even be carried out).
 * @throws the signal's reason when it is aborted
 */
export async function runCheck(
  check: RedactedCheck,
  subject: Subject,
  signal: AbortSignal,
  onAttempt: (progress: CheckProgress) => void = () => undefined,
): Promise<Verdict> {
  const from = new Date();
  // Durations are measured on a clock that nobody sets.
  const end = performance.now() + check.deadlineMs;
  const tally = new Tally();
  for (;;) {
    const made = await attempt(check, subject.endpoints, signal, check.redact);
    signal.throwIfAborted();
    tally.add(made);
    onAttempt(tally.progress);
    if (tally.streak >= check.successes) return tally.verdict('pass', check, subject, from);
    if (performance.now() + check.intervalMs >= end) {
      return tally.verdict(made.carriedOut ? 'fail' : 'inconclusive', check, subject, from);
    }
    await sleep(check.intervalMs, undefined, { signal });
  }
}

/** Looks again at most this often before a revision that has proven health before counts as unhealthy. */
const CONFIRMATIONS = 3;
const CONFIRMATION_PAUSE_MS = 100;

/** One success is enough: a quick look at a revision that has passed this check before. */
export async function recheck(check: RedactedCheck, subject: Subject, signal: AbortSignal): Promise<Verdict> {
  const from = new Date();
  const tally = new Tally();
  for (let look = 1; ; look += 1) {
    const made = await attempt(check, subject.endpoints, signal, check.redact);
    signal.throwIfAborted();
    tally.add(made);
    if (made.ok) return tally.verdict('pass', check, subject, from);
    if (look === CONFIRMATIONS) return tally.verdict(made.carriedOut ? 'fail' : 'inconclusive', check, subject, from);
    await sleep(CONFIRMATION_PAUSE_MS, undefined, { signal });
  }
}

class Tally {
  #attempts = 0;
  #passed = 0;
  #last = '';
  streak = 0;

  add(made: Attempt): void {
    this.#attempts += 1;
    if (made.ok) this.#passed += 1;
    this.streak = made.ok ? this.streak + 1 : 0;
    this.#last = made.evidence;
  }

  get progress(): CheckProgress {
    return { attempts: this.#attempts, passed: this.#passed, evidence: this.#last };
  }

  verdict(verdict: Verdict['verdict'], check: CheckSpec, { revision }: Subject, from: Date): Verdict {
    return {
      check: check.name,
      verdict,
      revision,
      attempts: this.#attempts,
      passed: this.#passed,
      from: from.toISOString(),
      to: new Date().toISOString(),
      evidence: this.#last,
    };
  }
}
