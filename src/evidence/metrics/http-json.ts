import type { HttpJsonMetric } from '../../domain/evidence/metric-spec.ts';
import { fillTemplate, listTemplateWords } from '../../domain/evidence/metric-template.ts';
import type { Json } from '../../domain/json.ts';
import { findJson } from '../checks/json-path.ts';
import { type AnsweredNumber, readNumber, withSamples } from './answered-number.ts';
import { askHttp, createRefusal, describeUrl } from './ask-http.ts';
import { MetricQueryError, type ReadMetric } from './provider.ts';
import { resolveVariables } from './variables.ts';

/** Asks by GET, and takes the number from where the path says. */
export const readHttpJson: ReadMetric<HttpJsonMetric> = async (spec, subject, window, signal) => {
  const url = new URL(fillTemplate(spec.url, listTemplateWords(subject, window), encodeURIComponent));
  const { values: headers, redact } = await resolveVariables(spec.headers, signal);
  const answer = await askHttp({ url, headers }, signal);
  const where = describeUrl(url);
  if (answer.status < 200 || answer.status > 299) throw createRefusal(where, answer, redact);
  const source = `${spec.value} of ${where}`;
  return [{ ...window, source, query: `GET ${url.href}`, ...parseJsonAnswer(answer.body, spec, where) }];
};

/**
 * The number that a path finds in a document, and what another one says of how many observations it is made. Nothing
 * found is no data.
 * @throws MetricQueryError where the document is no JSON, or there is something else than one number
 */
export function parseJsonAnswer(
  body: string,
  { value, samples }: Pick<HttpJsonMetric, 'value' | 'samples'>,
  where: string,
): AnsweredNumber {
  const document = parseJson(body, where);
  const number = findNumber(document, value, where);
  return samples === undefined ? withSamples(number) : withSamples(number, findNumber(document, samples, where) ?? 0);
}

function findNumber(document: Json, path: string, where: string): number | undefined {
  const read = findJson(path, document);
  if ('fault' in read) throw new MetricQueryError(`${path} cannot be followed in what ${where} answers: ${read.fault}`);
  const [first = null, ...others] = read.found;
  if (others.length > 0) {
    throw new MetricQueryError(`${path} finds ${read.found.length} values in what ${where} answers; it may find one`);
  }
  return readNumber(first, `${path} of ${where}`);
}

function parseJson(body: string, where: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch (error) {
    throw new MetricQueryError(`${where} answers what is no JSON: ${(error as Error).message}`, { cause: error });
  }
}
