import { z } from 'zod';
import { MOST_METRICS } from '../../domain/evidence/metric-spec.ts';
import { countsRequests } from '../../domain/service/router.ts';
import { NAME } from '../../domain/service/service.ts';
import { ALWAYS, list, mapping, text, wholeNumber } from '../fields.ts';
import { type Refusal, refuse } from '../problems.ts';
import { readRouterKind } from './router-schema.ts';
import { SOURCE_KEYS, SOURCE_SCHEMAS } from './metric-sources.ts';

/** As CloudWatch has them. */
const MOST_DIMENSIONS = 30;
const MOST_SAMPLES = 1_000_000;

const SECOND = 1_000;
const MINUTE = 60_000;

const limit = z.number({ error: 'a number' }).meta({ $comment: 'a number' });

const metricSchema = mapping({
  name: text('a name of lower-case letters, digits and hyphens, at most 40, such as latency', NAME).describe(
    'What it is called; each name once.',
  ),
  ...SOURCE_SCHEMAS,
  atMost: limit.optional().describe('The number may be this at most; one that is higher during the bake ends it.'),
  atLeast: limit.optional().describe('The number must be this at least, at the end of the bake.'),
  leastSamples: wholeNumber(1, MOST_SAMPLES)
    .prefault(1)
    .describe('Of how many samples it has to be made to say anything. Fewer at the end are no pass.'),
}).meta({
  anyOf: [{ required: ['atMost'] }, { required: ['atLeast'] }],
  oneOf: SOURCE_KEYS.map((key) => ({ required: [key] })),
});

export type MetricFields = z.output<typeof metricSchema>;

/** The `metrics` of a strategy. */
export const metricsSchema = list(
  metricSchema.superRefine((metric, context) => {
    for (const refusal of findMetricFaults(metric)) refuse(context, refusal);
  }, ALWAYS),
  { list: 'a list of metrics', empty: 'one metric at least, or no metrics key' },
)
  .max(MOST_METRICS, { error: `${MOST_METRICS} metrics at most` })
  .meta({ $comment: `a list of at most ${MOST_METRICS} metrics` })
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
function findMetricFaults(metric: Partial<MetricFields>): Refusal[] {
  return [...findSourceFaults(metric), ...findLimitFaults(metric), ...findCloudWatchFaults(metric)];
}

function findSourceFaults(metric: Partial<MetricFields>): Refusal[] {
  const given = SOURCE_KEYS.filter((key) => metric[key] !== undefined);
  if (given.length === 1) return [];
  const found = given.length === 0 ? 'nothing' : given.join(' and ');
  return [{ wanted: `one place that has the number: ${SOURCE_KEYS.join(', ')}`, found }];
}

function findLimitFaults({ atMost, atLeast, leastSamples, prometheus, httpJson }: Partial<MetricFields>): Refusal[] {
  const faults: Refusal[] = [];
  if (atMost === undefined && atLeast === undefined) {
    faults.push({ path: ['atMost'], wanted: 'atMost or atLeast, or both', found: 'nothing' });
  }
  if (typeof atMost === 'number' && typeof atLeast === 'number' && atLeast > atMost) {
    faults.push({ path: ['atLeast'], wanted: `a number up to atMost, ${atMost}`, found: `${atLeast}` });
  }
  for (const [key, source] of Object.entries({ prometheus, httpJson })) {
    if (typeof source !== 'object' || source.samples !== undefined) continue;
    if (typeof leastSamples !== 'number' || leastSamples <= 1) continue;
    const wanted = `what says of how many observations the number is made, since leastSamples is ${leastSamples}`;
    faults.push({ path: [key, 'samples'], wanted, found: 'nothing' });
  }
  return faults;
}

function findCloudWatchFaults({ cloudwatch }: Partial<MetricFields>): Refusal[] {
  const faults: Refusal[] = [];
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

type Metrics = readonly (Partial<MetricFields> | null)[] | undefined;

/** What of a manifest the places of metrics depend on; each part of it may be faulty itself. */
interface Surroundings {
  router?: unknown;
  strategy?: unknown;
}

/** Metrics that do not say which series they are of, where nothing else does, or that nobody counts there. */
export function findPlacelessMetrics({ router, strategy }: Surroundings): Refusal[] {
  const kind = readRouterKind(router);
  const { metrics } = (strategy ?? {}) as { metrics?: Metrics };
  return listOf(metrics).flatMap((metric, index) => {
    const path = ['strategy', 'metrics', index];
    if (metric?.router !== undefined && !countsRequests({ kind })) {
      const wanted = `another place, such as cloudwatch or prometheus: the router ${kind} counts no requests`;
      return [{ path: [...path, 'router'], wanted, found: 'router' }];
    }
    const query = metric?.cloudwatch;
    if (kind === 'aws-alb' || typeof query !== 'object' || query.dimensions !== undefined) return [];
    const wanted = 'them, such as {Revision: "{revision}"}: only the router aws-alb has some of its own';
    return [{ path: [...path, 'cloudwatch', 'dimensions'], wanted, found: 'nothing' }];
  });
}

/** How long a bake has to be for its metrics: a shorter one would end before there is any number. */
export function findLeastBake(metrics: Metrics): { least: number; why: string } | undefined {
  const all = listOf(metrics);
  if (all.length === 0) return undefined;
  const isByTheMinute = all.some((metric) => metric?.cloudwatch !== undefined);
  return isByTheMinute ? { least: MINUTE, why: ', which come by the minute' } : { least: SECOND, why: '' };
}

function listOf(metrics: Metrics): readonly (Partial<MetricFields> | null)[] {
  return Array.isArray(metrics) ? (metrics as readonly (Partial<MetricFields> | null)[]) : [];
}
