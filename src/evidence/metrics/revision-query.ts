import type { CloudWatchMetric } from '../../domain/evidence/metric-spec.ts';
import { type Endpoint, formatRevisionName } from '../../domain/service/revision.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { CloudWatchQuery } from './cloudwatch-query.ts';

/** What a metric is read of. */
export interface MetricSubject {
  service: ServiceKey;
  revision: number;
  endpoints: readonly Endpoint[];
}

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
  const words: Record<string, string> = {
    '{service}': service.name,
    '{environment}': service.environment,
    '{revision}': formatRevisionName(revision),
  };
  const filled = Object.entries(dimensions).map(([name, value]) => [
    name,
    value.replace(/\{(?:service|environment|revision)\}/g, (word) => words[word] ?? word),
  ]);
  return Object.fromEntries(filled) as Record<string, string>;
}
