import type { MetricSpec } from '../../domain/evidence/metric-spec.ts';
import type { MetricLimit } from '../../domain/evidence/metrics.ts';
import type { MetricFields } from './metric-schema.ts';

/*
 * A metric as a manifest has it, and as a bake reads it: each is made of the other here.
 */

type Limits = Pick<MetricSpec, 'name' | keyof MetricLimit>;

export function buildMetric({ name, atMost, atLeast, leastSamples, ...sources }: MetricFields): MetricSpec {
  const limits: Limits = {
    name,
    ...(atMost === undefined ? {} : { atMost }),
    ...(atLeast === undefined ? {} : { atLeast }),
    leastSamples,
  };
  return buildSource(sources, limits);
}

type Sources = Omit<MetricFields, keyof Limits>;

function buildSource({ router, prometheus, httpJson, command, cloudwatch }: Sources, limits: Limits): MetricSpec {
  if (router) return { kind: 'router', ...router, ...limits };
  if (prometheus) {
    const { samples, headers, ...query } = prometheus;
    return { kind: 'prometheus', ...query, ...givenOf({ samples, headers }), ...limits };
  }
  if (httpJson) {
    const { samples, headers, ...place } = httpJson;
    return { kind: 'http-json', ...place, ...givenOf({ samples, headers }), ...limits };
  }
  if (command) {
    const { run, env, workingDirectory, timeout: timeoutMs } = command;
    return { kind: 'command', command: run, timeoutMs, ...givenOf({ env, workingDirectory }), ...limits };
  }
  const { per, dimensions, ...query } = cloudwatch ?? UNKNOWN;
  return { kind: 'cloudwatch', ...query, ...givenOf({ per, dimensions }), ...limits };
}

/** Of a metric from a place that a newer version knows. */
const UNKNOWN = { namespace: '', metric: '', statistic: 'Sum', per: undefined, dimensions: undefined } as const;

export function buildMetricFields({ name, atMost, atLeast, leastSamples, ...source }: MetricSpec): MetricFields {
  return { name, ...sourceFieldsOf(source), atMost, atLeast, leastSamples };
}

/** Of each member on its own: a union's keys are those that all have. */
type Source<Spec = MetricSpec> = Spec extends MetricSpec ? Omit<Spec, keyof Limits> : never;

function sourceFieldsOf(source: Source): Sources {
  switch (source.kind) {
    case 'router':
      return { router: { series: source.series } };
    case 'prometheus': {
      const { kind: _kind, ...prometheus } = source;
      return { prometheus };
    }
    case 'http-json': {
      const { kind: _kind, ...httpJson } = source;
      return { httpJson };
    }
    case 'command': {
      const { command: run, env, workingDirectory, timeoutMs: timeout } = source;
      return { command: { run, env, workingDirectory, timeout } };
    }
    case 'cloudwatch': {
      const { kind: _kind, ...cloudwatch } = source;
      return { cloudwatch };
    }
  }
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function givenOf<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
