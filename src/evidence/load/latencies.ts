// Node's own histogram is HdrHistogram's C implementation, kept by the makers of Node. The package hdr-histogram-js does
// the same in JavaScript, with three dependencies that nothing else here needs.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { LatencySummary } from '../../domain/experiment/measurement.ts';

/** Up to this many latencies, quantiles are exact; 800 kB, and eight minutes at 200 requests a second. */
export const MOST_EXACT = 100_000;
/** Beyond it, they are at most 0.1 % too high: three significant figures. Takes some 400 kB for any number of latencies. */
const FIGURES = 3;
/** A histogram counts whole numbers: tenths of a microsecond, of which a fast answer has thousands. */
const PER_MS = 10_000;

/** Every latency of a load, in milliseconds. */
export class Latencies {
  readonly #kept: Float64Array | RecordableHistogram;
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  /** @param most how many there will be at the most */
  constructor(most: number) {
    this.#kept = most <= MOST_EXACT ? new Float64Array(most) : createHistogram({ figures: FIGURES });
  }

  record(ms: number): void {
    if (this.#kept instanceof Float64Array) this.#kept[this.#count] = ms;
    else this.#kept.record(Math.max(1, Math.round(ms * PER_MS)));
    this.#count += 1;
    this.#sum += ms;
    this.#min = Math.min(this.#min, ms);
    this.#max = Math.max(this.#max, ms);
  }

  summarize(): LatencySummary | undefined {
    if (this.#count === 0) return undefined;
    const quantile = this.#quantiles();
    return {
      count: this.#count,
      min: this.#min,
      mean: this.#sum / this.#count,
      p50: quantile(50),
      p90: quantile(90),
      p95: quantile(95),
      p99: quantile(99),
      p999: quantile(99.9),
      max: this.#max,
    };
  }

  /** By the nearest rank: the smallest latency that so many in a hundred do not exceed. */
  #quantiles(): (percent: number) => number {
    const kept = this.#kept;
    if (!(kept instanceof Float64Array)) return (percent) => Math.min(this.#max, kept.percentile(percent) / PER_MS);
    const sorted = kept.slice(0, this.#count).sort();
    // Multiplied first: 0.95 × 20 is a little more than 19.
    return (percent) => sorted[Math.ceil((percent * this.#count) / 100) - 1] ?? NaN;
  }
}
