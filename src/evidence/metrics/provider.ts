import type { MetricSpec } from '../../domain/evidence/metric-spec.ts';
import type { AlarmReading, EvidenceWindow, MetricReading } from '../../domain/evidence/metrics.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { RequestSeries } from '../../domain/traffic/request-series.ts';

/** What a metric is read of. */
export interface MetricSubject {
  service: ServiceKey;
  revision: number;
  endpoints: readonly Endpoint[];
  /** What its router has counted of it within the window that is asked about; absent where none counts. */
  counted?: RequestSeries;
}

/**
 * Where numbers about a revision come from: what a metric of one kind says of it over a window. One file for each kind,
 * and a line in `registry.ts`; `test/contract/metric-provider.ts` holds them to the same behaviour. It reads, and judges
 * nothing. There is one reading for each part of the revision that is measured apart.
 * @throws MetricsUnavailableError when nobody answers, or the answer is not whole
 * @throws MetricQueryError when the question itself is refused, or answered with what is no number
 */
export type ReadMetric<Spec extends MetricSpec = MetricSpec> = (
  spec: Spec,
  subject: MetricSubject,
  window: EvidenceWindow,
  signal?: AbortSignal,
) => Promise<MetricReading[]>;

/** Numbers about one revision, wherever they come from. */
export interface RevisionMetrics {
  /** What a metric says of a revision over a window; see {@link ReadMetric}. */
  readMetric: ReadMetric;
}

/** Where alarms are watched by somebody else. */
export interface AlarmProvider {
  /**
   * Each of these alarms, in this order.
   * @throws MetricsUnavailableError when nobody answers
   */
  readAlarms(names: readonly string[], window: EvidenceWindow, signal?: AbortSignal): Promise<AlarmReading[]>;
}

/** Nobody answers now, which may pass. */
export class MetricsUnavailableError extends Error {
  override readonly name = 'MetricsUnavailableError';
}

/** The question is wrong: whoever asks it again gets the same answer. */
export class MetricQueryError extends Error {
  override readonly name = 'MetricQueryError';
}
