import type { CloudWatchMetric } from '../../domain/evidence/metric-spec.ts';
import { fillTemplate } from '../../domain/evidence/metric-template.ts';
import { type Endpoint, formatRevisionName } from '../../domain/service/revision.ts';
import type { CloudWatchQuery } from './cloudwatch-query.ts';
import type { MetricSubject } from './provider.ts';

/** What CloudWatch is asked for: one query for each target group, or the one that is described. None where there is neither. */
export function buildRevisionQueries(spec: CloudWatchMetric, subject: MetricSubject): CloudWatchQuery[] {
  const { namespace, metric, statistic, per, dimensions } = spec;
  const query = { namespace, metric, statistic, ...(per === undefined ? {} : { per }) };
  if (dimensions !== undefined) return [{ ...query, dimensions: fillIn(dimensions, subject) }];
  const places = subject.endpoints.flatMap((endpoint) => findLoadBalancing(endpoint) ?? []);
  const byGroup = new Map(places.map((place) => [place.dimensions.TargetGroup, place]));
  return [...byGroup.values()].map((place) => ({ ...query, ...place }));
}

/** As CloudWatch calls them: the ends of their ARNs. */
function findLoadBalancing({
  attributes = {},
}: Endpoint): { region: string; dimensions: Record<'TargetGroup' | 'LoadBalancer', string> } | undefined {
  const [, region, group] =
    /^arn:[^:]+:elasticloadbalancing:([^:]+):[^:]*:(targetgroup\/.+)$/.exec(attributes.targetGroupArn ?? '') ?? [];
  const [, balancer] = /:listener\/((?:app|net)\/[^/]+\/[^/]+)\/[^/]+$/.exec(attributes.listenerArn ?? '') ?? [];
  if (region === undefined || group === undefined || balancer === undefined) return undefined;
  return { region, dimensions: { TargetGroup: group, LoadBalancer: balancer } };
}

function fillIn(dimensions: Record<string, string>, { service, revision }: MetricSubject): Record<string, string> {
  const { name, environment } = service;
  const words = { service: name, environment, revision: formatRevisionName(revision) };
  const filled = Object.entries(dimensions).map(([dimension, value]) => [dimension, fillTemplate(value, words)]);
  return Object.fromEntries(filled) as Record<string, string>;
}
