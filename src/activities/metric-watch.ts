import type { Verdict } from '../domain/evidence/checks.ts';
import type { MetricSpec } from '../domain/evidence/metric-spec.ts';
import {
  type EvidenceWindow,
  type MetricReading,
  judgeEarlyReading,
  judgeReading,
} from '../domain/evidence/metrics.ts';
import type { RequestSeries } from '../domain/traffic/request-series.ts';
import {
  MetricQueryError,
  type MetricSubject,
  MetricsUnavailableError,
  type RevisionMetrics,
} from '../evidence/metrics/provider.ts';

/**
 * How often each place is asked, in milliseconds. The router's counts are there with each look of the bake; CloudWatch has
 * numbers by the minute, and takes money for each that is asked for.
 */
const LOOK_EVERY_MS: Readonly<Record<MetricSpec['kind'], number>> = {
  router: 0,
  prometheus: 10_000,
  'http-json': 10_000,
  command: 10_000,
  cloudwatch: 30_000,
};

interface Look {
  /** The bake is over. */
  isOver: boolean;
  signal: AbortSignal;
  window: EvidenceWindow;
  /** Counted by the router since the bake began. */
  counted: RequestSeries | undefined;
}

/** Looks at metrics while a revision bakes. */
export class MetricWatch {
  readonly #provider: RevisionMetrics;
  readonly #metrics: readonly MetricSpec[];
  readonly #subject: MetricSubject;
  readonly #from: string;
  /** When each was looked at last. */
  readonly #lookedAt: Map<MetricSpec, number>;

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
    this.#lookedAt = new Map(metrics.map((metric) => [metric, performance.now()]));
  }

  /** What they say by now; before the bake is over, only what is above its limit, and what cannot be asked. */
  async look(isOver: boolean, signal: AbortSignal, counted?: RequestSeries): Promise<Verdict[]> {
    const now = performance.now();
    const due = this.#metrics.filter((metric) => {
      return isOver || now - (this.#lookedAt.get(metric) ?? 0) >= LOOK_EVERY_MS[metric.kind];
    });
    for (const metric of due) this.#lookedAt.set(metric, now);
    const window = { from: this.#from, to: new Date().toISOString() };
    const found = await Promise.all(due.map((metric) => this.#judge(metric, { isOver, signal, window, counted })));
    return found.flat();
  }

  async #judge(metric: MetricSpec, { isOver, signal, window, counted }: Look): Promise<Verdict[]> {
    const { revision } = this.#subject;
    const check = `metric ${metric.name}`;
    const judge = (reading: MetricReading): Verdict[] => {
      if (isOver) return [judgeReading(check, revision, reading, metric)];
      return [judgeEarlyReading(check, revision, reading, metric) ?? []].flat();
    };
    try {
      const subject = { ...this.#subject, ...(counted === undefined ? {} : { counted }) };
      return (await this.#provider.readMetric(metric, subject, window, signal)).flatMap(judge);
    } catch (error) {
      // What nobody answers now, somebody may answer by the end; a wrong question stays one.
      const mayPass = error instanceof MetricsUnavailableError;
      if (!mayPass && !(error instanceof MetricQueryError)) throw error;
      if (mayPass && !isOver) return [];
      return [{ check, verdict: 'inconclusive', evidence: error.message, revision, attempts: 1, passed: 0, ...window }];
    }
  }
}
