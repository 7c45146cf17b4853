import type { SeriesCount } from './series-count.ts';

/** What becomes of one request, which is counted once, and how long it took until that was known. */
export class RequestOutcome {
  readonly #series: SeriesCount;
  readonly #since = performance.now();
  /** Of the answer; 0 where the outcome is another. */
  #status: number | undefined;

  constructor(series: SeriesCount) {
    this.#series = series;
  }

  /** The revision's answer has begun. */
  answer(status: number): void {
    if (this.#status !== undefined) return;
    this.#status = status;
    this.#series.addAnswer(status, performance.now() - this.#since);
  }

  /** The revision did not answer, or not to the end. */
  fail(): void {
    if (this.#status === undefined) this.#series.addUnanswered(performance.now() - this.#since);
    else if (this.#status > 0) this.#series.addBrokenOff(this.#status);
    this.#status = 0;
  }

  /** The router has refused it: the revision has no part in that. */
  refuse(): void {
    this.#status ??= 0;
  }

  /** The client has gone. */
  leave(): void {
    if (this.#status !== undefined) return;
    this.#status = 0;
    this.#series.addGivenUp(performance.now() - this.#since);
  }
}
