import { type MetricLimit, describeLimit } from './metrics.ts';

/** A number that a bake reads of the new revision, and what it has to be. One member for each place that has numbers. */
export type MetricSpec = CloudWatchMetric;

/** A metric of Amazon CloudWatch. */
export interface CloudWatchMetric extends MetricLimit {
  kind: 'cloudwatch';
  /** Each name once in a strategy. */
  name: string;
  /** `AWS/ApplicationELB` */
  namespace: string;
  metric: string;
  statistic: MetricStatistic;
  /** The metric whose sum its own sum is divided by, such as `RequestCount`; its samples are what counts then. */
  per?: string;
  /**
   * Which of the metric's series it is. `{service}`, `{environment}` and `{revision}` stand for those of the revision. Its
   * target group and load balancer unless told.
   */
  dimensions?: Record<string, string>;
}

export type MetricStatistic = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | `p${number}`;

/** How many a bake watches at most: each is asked for again and again, which costs money. */
export const MOST_METRICS = 20;

/** `slow-answers at most 0.5`, for people. */
export function describeMetric(metric: MetricSpec): string {
  return `${metric.name} ${describeLimit(metric)}`;
}
