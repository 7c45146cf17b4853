import type { MetricStatistic } from '../../domain/evidence/metric-spec.ts';

/** A statistic of one metric. Over a window, percentiles are those of the worst minute: they cannot be added up. */
export interface CloudWatchQuery {
  /** `AWS/ApplicationELB` */
  namespace: string;
  metric: string;
  dimensions: Readonly<Record<string, string>>;
  statistic: MetricStatistic;
  /** The metric whose sum the sum is divided by. */
  per?: string;
  /** Where it is; where the client is unless told. */
  region?: string;
}
