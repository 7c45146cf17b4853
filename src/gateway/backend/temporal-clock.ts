import { ApplicationFailure } from '@temporalio/common';
import { ApiError } from '../../contract/supplant-client.ts';

/** Clocks that agree to within this are not corrected: requests have more time than that to spare. In milliseconds. */
const AGREEMENT_MS = 1_000;

/**
 * What time it is for Temporal. A gateway's own clock may be wrong, or be set at any moment; it is corrected by what a
 * workflow says when it refuses a request for its time.
 */
export class TemporalClock {
  readonly #here: () => number;
  #aheadMs = 0;

  /** @param here this machine's clock, in milliseconds since the epoch */
  constructor(here: () => number) {
    this.#here = here;
  }

  now(): number {
    return this.#here() + this.#aheadMs;
  }

  /** Takes the time from a refusal that carries it. Says whether there was anything to be learned. */
  learn(error: unknown): boolean {
    const cause = error instanceof ApiError ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'Expired') return false;
    const [{ clock = '' } = {}] = (cause.details ?? []) as [{ clock?: string }?];
    const wrongBy = Date.parse(clock) - this.now();
    if (Number.isNaN(wrongBy) || Math.abs(wrongBy) <= AGREEMENT_MS) return false;
    this.#aheadMs += wrongBy;
    return true;
  }
}
