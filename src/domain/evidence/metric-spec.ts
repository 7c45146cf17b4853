import { type MetricLimit, describeLimit } from './metrics.ts';

/** A number that a bake reads of the new revision, and what it has to be. One member for each place that has numbers. */
export type MetricSpec = CloudWatchMetric | RouterMetric | PrometheusMetric | HttpJsonMetric | CommandMetric;

interface NamedMetric extends MetricLimit {
  /** Each name once in a strategy. */
  name: string;
}

/** What the router that splits the traffic has counted of the revision since the bake began. */
export interface RouterMetric extends NamedMetric {
  kind: 'router';
  series: RouterSeries;
}

/** A share of all requests from 0 to 1, how many there were, and percentiles of latencies in milliseconds. */
export const ROUTER_SERIES = ['error-rate', 'requests', 'p50', 'p90', 'p95', 'p99'] as const;
export type RouterSeries = (typeof ROUTER_SERIES)[number];

/** What an instant query of Prometheus answers, or of what speaks its API: one number. */
export interface PrometheusMetric extends NamedMetric {
  kind: 'prometheus';
  /** Before `/api/v1/query`: `http://prometheus.internal:9090`. */
  address: string;
  /** PromQL; see {@link PLACEHOLDERS}. */
  query: string;
  /** PromQL that says of how many observations the number is made. One, where there is a number, unless told. */
  samples?: string;
  headers?: Record<string, Variable>;
}

/** A number in a JSON document that an HTTP service answers with. */
export interface HttpJsonMetric extends NamedMetric {
  kind: 'http-json';
  /** See {@link PLACEHOLDERS}. */
  url: string;
  /** A JSONPath (RFC 9535) to the number. */
  value: string;
  /** A JSONPath to how many observations it is made of. One, where there is a number, unless told. */
  samples?: string;
  headers?: Record<string, Variable>;
}

/** A number that a command prints: alone, or as `{"value": 0.2, "samples": 120}`. */
export interface CommandMetric extends NamedMetric {
  kind: 'command';
  /** A program and its arguments; see {@link PLACEHOLDERS}. */
  command: string[];
  /** Beside the worker's own variables. */
  env?: Record<string, Variable>;
  /** Absolute, on the worker's host; `/` unless told. */
  workingDirectory?: string;
  /** How long it may take, in milliseconds. */
  timeoutMs: number;
}

/** A metric of Amazon CloudWatch. */
export interface CloudWatchMetric extends NamedMetric {
  kind: 'cloudwatch';
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

/** A text as it is, or where a secret is that takes its place when it is needed. */
export type Variable = string | { secret: string };

/** How many a bake watches at most: each is asked for again and again, which costs money. */
export const MOST_METRICS = 20;

/** How long a command may take unless told: it has to ask somebody else, most likely. */
export const DEFAULT_COMMAND_TIMEOUT_MS = 30_000;

/** `slow (p99 by the router) at most 500`, for people. */
export function describeMetric(metric: MetricSpec): string {
  return `${metric.name} (${describeSource(metric)}) ${describeLimit(metric)}`;
}

function describeSource(metric: MetricSpec): string {
  switch (metric.kind) {
    case 'router':
      return `${metric.series} by the router`;
    case 'prometheus':
      return `${metric.query} at ${metric.address}`;
    case 'http-json':
      return `${metric.value} of ${metric.url}`;
    case 'command':
      return metric.command.join(' ');
    case 'cloudwatch':
      return `${metric.statistic} of ${metric.namespace} ${metric.metric}`;
  }
}
