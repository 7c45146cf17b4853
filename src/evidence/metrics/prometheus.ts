import { z } from 'zod';
import type { PrometheusMetric } from '../../domain/evidence/metric-spec.ts';
import { fillTemplate, listTemplateWords } from '../../domain/evidence/metric-template.ts';
import type { MetricReading } from '../../domain/evidence/metrics.ts';
import type { Redact } from '../checks/outcome.ts';
import { readNumber, withSamples } from './answered-number.ts';
import { type HttpAnswer, askHttp, createRefusal } from './ask-http.ts';
import { MetricQueryError, MetricsUnavailableError, type ReadMetric } from './provider.ts';
import { resolveVariables } from './variables.ts';

/** For Prometheus itself, which gives up by then. */
const QUERY_TIMEOUT = '10s';

/** What its API calls an error of the query; of others (`timeout`, `internal`, `unavailable`) the next may be without. */
const QUERY_FAULTS = new Set(['bad_data', 'execution']);

const labels = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);
const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({
        resultType: z.literal('vector'),
        result: z.array(z.object({ metric: labels, value: point.optional() })),
      }),
      z.object({ resultType: z.literal('scalar'), result: point }),
      z.object({ resultType: z.literal('matrix') }),
      z.object({ resultType: z.literal('string') }),
    ]),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);
type QueryAnswer = z.output<typeof answerSchema>;

/** Asks by an instant query, at Prometheus' own time: its clock may differ from ours. */
export const readPrometheus: ReadMetric<PrometheusMetric> = async (spec, subject, window, signal) => {
  const words = listTemplateWords(subject, window);
  const where = `Prometheus at ${spec.address}`;
  const { values: headers, redact } = await resolveVariables(spec.headers, signal);
  const url = new URL(`${spec.address.replace(/\/+$/, '')}/api/v1/query`);
  const ask = async (query: string): Promise<number | undefined> =>
    parseQueryAnswer(await askHttp({ url, headers, form: { query, timeout: QUERY_TIMEOUT } }, signal), where, redact);
  const query = fillTemplate(spec.query, words);
  const [value, counted] = await Promise.all([
    ask(query),
    spec.samples === undefined ? undefined : ask(fillTemplate(spec.samples, words)),
  ]);
  const samples = spec.samples === undefined ? undefined : (counted ?? 0);
  const reading: MetricReading = { ...window, source: `the answer of ${where}`, query, ...withSamples(value, samples) };
  return [reading];
};

/**
 * The one number in an answer of `/api/v1/query`; undefined where nothing was found, or not a finite number, which is no
 * data: 0 divided by 0, for instance.
 * @param where who answered, in words
 * @throws MetricQueryError for more than one number, and for what Prometheus says about the query
 * @throws MetricsUnavailableError where it has no answer now
 */
export function parseQueryAnswer(answer: HttpAnswer, where: string, redact: Redact): number | undefined {
  const parsed = parseBody(answer.body);
  if (parsed?.status === 'error') {
    const message = `${where} has no answer to the query: ${parsed.errorType}: ${redact(parsed.error)}`;
    throw QUERY_FAULTS.has(parsed.errorType) ? new MetricQueryError(message) : new MetricsUnavailableError(message);
  }
  if (answer.status !== 200) throw createRefusal(where, answer, redact);
  if (!parsed) throw new MetricQueryError(`${where} does not answer as Prometheus does; see to its address`);
  const { data } = parsed;
  switch (data.resultType) {
    case 'scalar':
      return readNumber(data.result[1], 'the scalar');
    case 'vector':
      return readVector(data.result, where);
    default:
      throw new MetricQueryError(`the query of ${where} finds a ${data.resultType}, where one number is wanted`);
  }
}

function readVector(
  series: readonly { metric: Record<string, string>; value?: [number, string] | undefined }[],
  where: string,
): number | undefined {
  const [first, second] = series;
  if (!first) return undefined;
  if (second) {
    const found = [first, second].map(({ metric }) => writeLabels(metric)).join(' and ');
    const what = `finds ${series.length} series, such as ${found}`;
    throw new MetricQueryError(`the query of ${where} ${what}; make them one, by sum(…) for instance`);
  }
  if (!first.value) throw new MetricQueryError(`the query of ${where} finds a histogram, where one number is wanted`);
  return readNumber(first.value[1], 'what the query finds');
}

function writeLabels(metric: Record<string, string>): string {
  return `{${Object.entries(metric)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`;
}

function parseBody(body: string): QueryAnswer | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(body), { jitless: true }).data;
  } catch {
    return undefined;
  }
}
