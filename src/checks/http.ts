import { type IncomingMessage, request } from 'node:http';
import type { HttpCheck } from '../domain/checks.ts';
import { type Endpoint, endpointUrl } from '../domain/revision.ts';
import type { Attempt } from './outcome.ts';

/** As much of a body as a check may look at; the rest is read and dropped. */
const BODY_LIMIT = 1024 * 1024;

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
  millis: number;
}

/** Asks one endpoint once. Redirects are answers like any other. */
export async function attemptHttp(check: HttpCheck, endpoint: Endpoint, signal: AbortSignal): Promise<Attempt> {
  const what = `GET ${endpointUrl(endpoint)}${check.path}`;
  try {
    const answer = await get(check.path, endpoint, signal);
    const faults = httpFaults(check, answer);
    return faults.length === 0
      ? { ok: true, carriedOut: true, evidence: `${what} answered ${answer.status} in ${Math.round(answer.millis)} ms` }
      : { ok: false, carriedOut: true, evidence: `${what} ${faults.join('; ')}` };
  } catch (error) {
    const timedOut = signal.aborted ? `did not answer within ${check.timeoutMs} ms` : undefined;
    return { ok: false, carriedOut: true, evidence: `${what} ${timedOut ?? `failed: ${reason(error)}`}` };
  }
}

/** Everything in which an answer is not what the check asks for. */
export function httpFaults(check: HttpCheck, answer: Answer): string[] {
  const faults: string[] = [];
  if (!check.status.includes(answer.status)) {
    faults.push(`answered ${answer.status}, wanted ${check.status.join(' or ')}`);
  }
  for (const [name, wanted] of Object.entries(check.headers)) {
    const found = answer.headers[name];
    if (found !== wanted) faults.push(`sent ${name}: ${String(found ?? 'nothing')}, wanted ${wanted}`);
  }
  if (check.bodyContains !== undefined && !answer.body.includes(check.bodyContains)) {
    faults.push(`sent a body without ${JSON.stringify(check.bodyContains)}`);
  }
  if (check.maxLatencyMs !== undefined && answer.millis > check.maxLatencyMs) {
    faults.push(`took ${Math.round(answer.millis)} ms, wanted at most ${check.maxLatencyMs} ms`);
  }
  return faults;
}

/** A connection of its own each time: a check must not fail because a pooled one went stale. */
function get(path: string, { host, port }: Endpoint, signal: AbortSignal): Promise<Answer> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(
      { host, port, path, agent: false, signal, headers: { 'user-agent': 'supplant-check', connection: 'close' } },
      (response) => {
        const chunks: Buffer[] = [];
        let kept = 0;
        response.on('data', (chunk: Buffer) => {
          if (kept < BODY_LIMIT) chunks.push(chunk);
          kept += chunk.length;
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
            millis: performance.now() - begun,
          }),
        );
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNREFUSED' ? 'connection refused' : (code ?? error.message);
}
