import type { Verdict } from '../domain/evidence/checks.ts';
import type { MetricSpec } from '../domain/evidence/metric-spec.ts';
import { type MetricReading, judgeEarlyReading, judgeReading } from '../domain/evidence/metrics.ts';
import { MetricsUnavailableError, type RevisionMetrics } from '../evidence/metrics/provider.ts';
import type { MetricSubject } from '../evidence/metrics/revision-query.ts';

/** They come by the minute, and each that is asked for costs money. */
const LOOK_EVERY_MS = 30_000;

/** Looks at metrics while a revision bakes. */
export class MetricWatch {
  readonly #provider: RevisionMetrics;
  readonly #metrics: readonly MetricSpec[];
  readonly #subject: MetricSubject;
  readonly #from: string;
  #lookedAt: number;

  constructor(
    provider: RevisionMetrics,
    metrics: readonly MetricSpec[],
    { from, ...subject }: MetricSubject & { from: string },
  ) {
    this.#provider = provider;
    this.#metrics = metrics;
    this.#subject = subject;
    this.#from = from;
    // At its beginning there is nothing to see yet.
    this.#lookedAt = performance.now();
  }

  /** What they say by now; before the bake is over, only what is above its limit. */
  async look(isOver: boolean, signal: AbortSignal): Promise<Verdict[]> {
    const isDue = isOver || performance.now() - this.#lookedAt >= LOOK_EVERY_MS;
    if (this.#metrics.length === 0 || !isDue) return [];
    this.#lookedAt = performance.now();
    const window = { from: this.#from, to: new Date().toISOString() };
    const found = await Promise.all(this.#metrics.map((metric) => this.#judge(metric, window, { isOver, signal })));
    return found.flat();
  }

  async #judge(
    metric: MetricSpec,
    window: { from: string; to: string },
    { isOver, signal }: { isOver: boolean; signal: AbortSignal },
  ): Promise<Verdict[]> {
    const { revision } = this.#subject;
    const check = `metric ${metric.name}`;
    const judge = (reading: MetricReading): Verdict[] => {
      if (isOver) return [judgeReading(check, revision, reading, metric)];
      return [judgeEarlyReading(check, revision, reading, metric) ?? []].flat();
    };
    try {
      return (await this.#provider.readMetric(metric, this.#subject, window, signal)).flatMap(judge);
    } catch (error) {
      if (!(error instanceof MetricsUnavailableError)) throw error;
      if (!isOver) return [];
      return [{ check, verdict: 'inconclusive', evidence: error.message, revision, attempts: 1, passed: 0, ...window }];
    }
  }
}
