/** What the load generator has seen so far. */
export interface LoadReport {
  /** Requests that were due; each of them was sent. */
  total: number;
  failed: number;
  /** A second, over the time the load ran. */
  perSecond: number;
  /** From when a request was due until its answer was complete, in milliseconds. */
  latency: Latency;
  /** Of the time since the last report. */
  recent: { perSecond: number; p99: number };
  answers: Record<string, AnswerCount>;
  failures: Failure[];
}

export interface Latency {
  p50: number;
  p99: number;
  max: number;
}

export interface AnswerCount {
  count: number;
  /** When the latest of these requests was sent, in milliseconds since the epoch. */
  lastSentAt: number;
}

export interface Failure {
  what: string;
  count: number;
  /** When the first one failed, ISO 8601. */
  firstAt: string;
}

/** Counts every request of a load exactly once. All times are milliseconds of one clock. */
export class LoadCounts {
  readonly #began: number;
  readonly #answers: Record<string, AnswerCount> = {};
  readonly #failures = new Map<string, Failure>();
  readonly #latencies: number[] = [];
  #reported: { at: number; total: number; latencies: number };
  #total = 0;
  #failed = 0;

  constructor(began: number) {
    this.#began = began;
    this.#reported = { at: began, total: 0, latencies: 0 };
  }

  sent(): void {
    this.#total += 1;
  }

  answered(by: string, sentAt: number, latency: number): void {
    const answer = (this.#answers[by] ??= { count: 0, lastSentAt: sentAt });
    answer.count += 1;
    answer.lastSentAt = Math.max(answer.lastSentAt, sentAt);
    this.#latencies.push(latency);
  }

  failedWith(what: string, at: Date, latency: number): void {
    this.#failed += 1;
    const failure = this.#failures.get(what) ?? { what, count: 0, firstAt: at.toISOString() };
    failure.count += 1;
    this.#failures.set(what, failure);
    this.#latencies.push(latency);
  }

  /** `whole`: the latency of all requests too, which takes sorting them. */
  report(now: number, whole: boolean): LoadReport {
    const before = this.#reported;
    this.#reported = { at: now, total: this.#total, latencies: this.#latencies.length };
    return {
      total: this.#total,
      failed: this.#failed,
      perSecond: perSecond(this.#total, now - this.#began),
      latency: whole ? latencyOf(this.#latencies) : { p50: 0, p99: 0, max: 0 },
      recent: {
        perSecond: perSecond(this.#total - before.total, now - before.at),
        p99: latencyOf(this.#latencies.slice(before.latencies)).p99,
      },
      answers: this.#answers,
      failures: [...this.#failures.values()],
    };
  }
}

function perSecond(count: number, millis: number): number {
  return millis > 0 ? (count * 1000) / millis : 0;
}

/** Nearest rank; zeros where nothing was measured. */
export function latencyOf(values: readonly number[]): Latency {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = (percent: number): number => sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
  return { p50: rank(50), p99: rank(99), max: rank(100) };
}
