import { z } from 'zod';
import { MOST_METRICS, type MetricStatistic } from '../../domain/evidence/metric-spec.ts';
import { NAME } from '../../domain/service/service.ts';
import { ALWAYS, entries, list, mapping, text, wholeNumber } from '../fields.ts';
import { type Refusal, refuse } from '../problems.ts';

const STATISTIC = /^(?:Sum|Average|Minimum|Maximum|p(?:\d{1,2}(?:\.\d{1,3})?|100))$/;
const STATISTIC_WANTED = 'Sum, Average, Minimum, Maximum or a percentile such as p99';
/** As CloudWatch has them. */
const MOST_DIMENSIONS = 30;
const NAME_OF_AWS = /^.{1,255}$/;
const MOST_SAMPLES = 1_000_000;

const cloudWatchSchema = mapping({
  namespace: text('the namespace of a metric, such as AWS/ApplicationELB', NAME_OF_AWS)
    .prefault('AWS/ApplicationELB')
    .describe('Where the metric is.'),
  metric: text('the name of a metric, such as TargetResponseTime', NAME_OF_AWS).describe('What it is called there.'),
  statistic: (text(STATISTIC_WANTED, STATISTIC) as z.ZodType<MetricStatistic>).describe(
    `One of ${STATISTIC_WANTED}. Of a percentile the worst minute counts: they cannot be added up.`,
  ),
  per: text('the name of a metric, such as RequestCount', NAME_OF_AWS)
    .optional()
    .describe(
      'Another metric of the same dimensions, by whose sum the sum is divided. Where only that one has data, the result is 0: AWS counts no errors where there are none.',
    ),
  dimensions: entries(text('the value of a dimension', NAME_OF_AWS))
    .optional()
    .describe(
      "Which series it is: {service}, {environment} and {revision} stand for the revision's. With the router aws-alb, its target group and load balancer unless told.",
    ),
});

const limit = z.number({ error: 'a number' });

const metricSchema = mapping({
  name: text('a name of lower-case letters, digits and hyphens, at most 40, such as latency', NAME).describe(
    'What it is called; each name once.',
  ),
  cloudwatch: cloudWatchSchema.describe('A metric of Amazon CloudWatch.'),
  atMost: limit.optional().describe('The number may be this at most; one that is higher during the bake ends it.'),
  atLeast: limit.optional().describe('The number must be this at least, at the end of the bake.'),
  leastSamples: wholeNumber(1, MOST_SAMPLES)
    .prefault(1)
    .describe('Of how many samples it has to be made to say anything. Fewer at the end are no pass.'),
}).meta({ anyOf: [{ required: ['atMost'] }, { required: ['atLeast'] }] });

export type MetricFields = z.output<typeof metricSchema>;

/** The `metrics` of a strategy. */
export const metricsSchema = list(
  metricSchema.superRefine((metric, context) => {
    for (const refusal of findMetricFaults(metric)) refuse(context, refusal);
  }, ALWAYS),
  { list: 'a list of metrics', empty: 'one metric at least, or no metrics key' },
)
  .max(MOST_METRICS, { error: `${MOST_METRICS} metrics at most` })
  .superRefine((metrics, context) => {
    const seen = new Set<unknown>();
    for (const [index, { name }] of (metrics as (Partial<MetricFields> | null)[]).map((each) => each ?? {}).entries()) {
      if (name !== undefined && seen.has(name)) {
        refuse(context, { path: [index, 'name'], wanted: 'a name of its own', found: `'${name}' a second time` });
      }
      seen.add(name);
    }
  }, ALWAYS);

/** How the keys of a metric go together, each of which may be faulty itself. */
function findMetricFaults({ cloudwatch, atMost, atLeast }: Partial<MetricFields>): Refusal[] {
  const faults: Refusal[] = [];
  if (atMost === undefined && atLeast === undefined) {
    faults.push({ path: ['atMost'], wanted: 'atMost or atLeast, or both', found: 'nothing' });
  }
  if (typeof atMost === 'number' && typeof atLeast === 'number' && atLeast > atMost) {
    faults.push({ path: ['atLeast'], wanted: `a number up to atMost, ${atMost}`, found: `${atLeast}` });
  }
  const { per, statistic, dimensions } = cloudwatch ?? {};
  if (per !== undefined && statistic !== undefined && statistic !== 'Sum') {
    faults.push({ path: ['cloudwatch', 'statistic'], wanted: 'Sum where there is a per', found: `'${statistic}'` });
  }
  const count = typeof dimensions === 'object' ? Object.keys(dimensions).length : 0;
  if (count > MOST_DIMENSIONS) {
    faults.push({
      path: ['cloudwatch', 'dimensions'],
      wanted: `at most ${MOST_DIMENSIONS} of them`,
      found: `${count}`,
    });
  }
  return faults;
}

/** What of a manifest the places of metrics depend on; each part of it may be faulty itself. */
interface Surroundings {
  router?: { kind?: unknown } | undefined;
  strategy?: unknown;
}

/** Metrics that do not say which series they are of, where nothing else does. */
export function findPlacelessMetrics({ router, strategy }: Surroundings): Refusal[] {
  const { metrics } = (strategy ?? {}) as { metrics?: unknown };
  if (router?.kind === 'aws-alb' || !Array.isArray(metrics)) return [];
  return (metrics as (Partial<MetricFields> | null)[]).flatMap((metric, index) => {
    const query = metric?.cloudwatch;
    if (typeof query !== 'object' || query.dimensions !== undefined) return [];
    const wanted = 'them, such as {Revision: "{revision}"}: only the router aws-alb has some of its own';
    return [{ path: ['strategy', 'metrics', index, 'cloudwatch', 'dimensions'], wanted, found: 'nothing' }];
  });
}
