import type { RequestSeries } from '../../domain/traffic/request-series.ts';

/**
 * The upper bounds of the buckets of latencies, in milliseconds, from a fast cache to the longest answer that is waited for: each at
 * most twice the one before, since a percentile may be off by the width of its bucket.
 */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  1, 2, 3, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 7_500,
  10_000, 15_000, 30_000, 60_000, 120_000, 240_000, 480_000,
];

/** Counts one revision's requests by their outcome. Each request costs it a few additions. */
export class SeriesCount {
  #requests = 0;
  #serverErrors = 0;
  #unanswered = 0;
  #sumMs = 0;
  readonly #buckets = new Float64Array(LATENCY_BOUNDS_MS.length + 1);

  /** An answer has begun. */
  addAnswer(status: number, ms: number): void {
    if (status >= 500) this.#serverErrors += 1;
    this.#add(ms);
  }

  /** There was none. */
  addUnanswered(ms: number): void {
    this.#unanswered += 1;
    this.#add(ms);
  }

  /** The client went before there was one. How long it had waited counts: whoever hangs would look fast otherwise. */
  addGivenUp(ms: number): void {
    this.#add(ms);
  }

  /** An answer that has been added broke off. One that is an error is one already. */
  addBrokenOff(status: number): void {
    if (status < 500) this.#unanswered += 1;
  }

  /** All latencies together, in milliseconds. */
  get sumMs(): number {
    return this.#sumMs;
  }

  read(): Required<RequestSeries> {
    return {
      requests: this.#requests,
      errors: this.#serverErrors + this.#unanswered,
      unanswered: this.#unanswered,
      latency: { boundsMs: [...LATENCY_BOUNDS_MS], counts: [...this.#buckets] },
    };
  }

  #add(ms: number): void {
    this.#requests += 1;
    this.#sumMs += ms;
    let bucket = 0;
    while (ms > (LATENCY_BOUNDS_MS[bucket] ?? Infinity)) bucket += 1;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
  }
}
