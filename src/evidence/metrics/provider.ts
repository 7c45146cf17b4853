import type { MetricSpec } from '../../domain/evidence/metric-spec.ts';
import type { AlarmReading, EvidenceWindow, MetricReading } from '../../domain/evidence/metrics.ts';
import type { MetricSubject } from './revision-query.ts';

/**
 * Where numbers about a revision come from. One file for each; what it asks for is its own to describe. It reads, and judges
 * nothing.
 */
export interface MetricProvider<Query> {
  /**
   * One number over a window.
   * @throws MetricsUnavailableError when nobody answers, or the answer is not whole
   */
  read(query: Query, window: EvidenceWindow, signal?: AbortSignal): Promise<MetricReading>;
  close(): Promise<void>;
}

/** Numbers about one revision, wherever they come from. */
export interface RevisionMetrics {
  /**
   * What a metric says of a revision over a window: one reading for each part of it that is measured apart.
   * @throws MetricsUnavailableError when nobody answers, or the revision is nowhere where the metric could be
   */
  readMetric(
    spec: MetricSpec,
    subject: MetricSubject,
    window: EvidenceWindow,
    signal?: AbortSignal,
  ): Promise<MetricReading[]>;
}

/** Where alarms are watched by somebody else. */
export interface AlarmProvider {
  /**
   * Each of these alarms, in this order.
   * @throws MetricsUnavailableError when nobody answers
   */
  readAlarms(names: readonly string[], window: EvidenceWindow, signal?: AbortSignal): Promise<AlarmReading[]>;
}

export class MetricsUnavailableError extends Error {
  override readonly name = 'MetricsUnavailableError';
}
