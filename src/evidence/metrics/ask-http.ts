import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Redact } from '../checks/outcome.ts';
import { quoteShort } from '../checks/quote.ts';
import { MetricQueryError, MetricsUnavailableError } from './provider.ts';

/** For the whole of an answer: a bake looks at other things meanwhile, and asks again. */
const ANSWER_MS = 10_000;
/** One number fits, whatever stands around it. */
const MOST_BYTES = 1024 * 1024;
/** Of an answer that says why there is no number. */
const QUOTED = 300;

export interface HttpQuestion {
  url: URL;
  headers: Record<string, string>;
  /** Sent as a form, by POST; without one it is a GET. */
  form?: Record<string, string>;
}

export interface HttpAnswer {
  status: number;
  body: string;
  /** Where a redirect leads; none is followed: credentials would go along. */
  location?: string;
}

/**
 * Asks once, on a connection of its own: a number must not be missing because a pooled one went stale.
 * @throws MetricsUnavailableError when nobody answers in time
 * @throws MetricQueryError when the answer is too large
 */
export async function askHttp(question: HttpQuestion, signal?: AbortSignal): Promise<HttpAnswer> {
  const limit = AbortSignal.timeout(ANSWER_MS);
  try {
    return await exchange(question, signal ? AbortSignal.any([signal, limit]) : limit);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof MetricQueryError) throw error;
    const why = limit.aborted ? `no whole answer within ${ANSWER_MS / 1000} s` : `no answer: ${reasonOf(error)}`;
    throw new MetricsUnavailableError(`${describeUrl(question.url)} gave ${why}`, { cause: error });
  }
}

/** Without what it is asked for, which may be long. */
export function describeUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/** Why an answer other than 200 has no number in it, in the words of who gave it. */
export function createRefusal(
  where: string,
  { status, body, location }: HttpAnswer,
  redact: Redact,
): MetricQueryError | MetricsUnavailableError {
  const led = location === undefined ? '' : ` and leads to ${redact(location)}, which is not followed`;
  const said = body.trim() === '' ? '' : `: ${quoteShort(redact(body).trim(), QUOTED)}`;
  const message = `${where} answered ${status}${led}${said}`;
  return status === 400 || status === 422 ? new MetricQueryError(message) : new MetricsUnavailableError(message);
}

function exchange({ url, headers, form }: HttpQuestion, signal: AbortSignal): Promise<HttpAnswer> {
  const body = form && new URLSearchParams(form).toString();
  const sent = {
    Accept: 'application/json',
    'User-Agent': 'supplant-metrics',
    ...(body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
    ...headers,
  };
  const request = url.protocol === 'https:' ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: form ? 'POST' : 'GET', agent: false, signal, headers: sent });
    asked.on('response', (response) => {
      collect(url, response).then(resolve, reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

async function collect(url: URL, response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop destroys the response.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      throw new MetricQueryError(
        `${describeUrl(url)} answered more than ${MOST_BYTES} bytes; ask for the number alone`,
      );
    }
  }
  const { statusCode = 0, headers } = response;
  const body = Buffer.concat(chunks).toString();
  return { status: statusCode, body, ...(headers.location === undefined ? {} : { location: headers.location }) };
}

/** Of several addresses that were tried in vain there is no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}
