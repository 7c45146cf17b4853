import type { AlarmReading, EvidenceWindow, MetricReading } from '../../domain/evidence/metrics.ts';

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
