import type { HttpCheck } from '../../../domain/evidence/checks.ts';
import { type Endpoint, formatEndpointUrl } from '../../../domain/service/revision.ts';
import type { Attempt, Redact } from '../outcome.ts';
import { quoteBytes } from '../quote.ts';
import { answerFaults } from './assertions.ts';
import { type Answer, exchange, hostHeader, type Progress, type Question } from './exchange.ts';
import { MOST_REDIRECTS, readRedirect } from './redirect.ts';

/** Bytes of a refusing body that are shown: enough for the sentence that says why. */
const QUOTED = 200;
/** Bytes of it in which secrets are looked for: they may reach over what is shown. No secret is longer. */
const LOOKED_AT = 64 * 1024;

/** Asks one endpoint once; with `follow`, goes where it leads. */
export async function attemptHttp(
  check: HttpCheck,
  endpoint: Endpoint,
  signal: AbortSignal,
  redact: Redact = (text) => text,
): Promise<Attempt> {
  const progress: Progress = { bytes: 0 };
  const trail: Question[] = [];
  const begun = performance.now();
  try {
    const { answer, faults: led } = await ask({ check, endpoint, redact, signal }, trail, progress);
    const millis = performance.now() - begun;
    const faults = [...answerFaults(check, answer, redact), ...led];
    if (faults.length > 0 && answer.body.length > 0) faults.push(`its body: ${quotedBody(answer.body, redact)}`);
    const { maxLatencyMs } = check;
    if (maxLatencyMs !== undefined && millis > maxLatencyMs) {
      faults.push(`took ${Math.round(millis)} ms, wanted at most ${maxLatencyMs} ms`);
    }
    const what = trailWords(check, endpoint, trail, redact);
    return faults.length === 0
      ? { ok: true, carriedOut: true, evidence: `${what} answered ${answer.status} in ${Math.round(millis)} ms` }
      : { ok: false, carriedOut: true, evidence: `${what} ${faults.join('; ')}` };
  } catch (error) {
    const why = signal.aborted ? slowness(check, progress) : `failed: ${reason(error)}`;
    return { ok: false, carriedOut: true, evidence: `${trailWords(check, endpoint, trail, redact)} ${why}` };
  }
}

/**
 * Redacted before it is cut: half of a secret would not be recognised. Nor would one that the first cut goes through, so
 * that only what a look at twice as much agrees with is quoted.
 */
function quotedBody(body: Uint8Array, redact: Redact): string {
  const [text, more] = [LOOKED_AT, 2 * LOOKED_AT].map((bytes) => decoded(body.subarray(0, bytes)));
  const shown = body.length > LOOKED_AT ? commonStart(redact(text ?? ''), redact(more ?? '')) : redact(text ?? '');
  return quoteBytes(new TextEncoder().encode(shown), QUOTED);
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}

interface Asking {
  check: HttpCheck;
  endpoint: Endpoint;
  redact: Redact;
  signal: AbortSignal;
}

/** `trail` gets every question in the order in which they are asked. */
async function ask(
  { check, endpoint, redact, signal }: Asking,
  trail: Question[],
  progress: Progress,
): Promise<{ answer: Answer; faults: string[] }> {
  const { method = 'GET', path, requestBody } = check;
  let question: Question = { method, path, ...(requestBody === undefined ? {} : { body: requestBody }) };
  for (;;) {
    trail.push(question);
    Object.assign(progress, { status: undefined, bytes: 0 });
    const answer = await exchange(check, endpoint, question, progress, signal);
    const redirect = readRedirect(check, endpoint, question, answer, redact);
    if (!check.follow || !redirect) return { answer, faults: hint(check, answer, redirect) };
    if ('fault' in redirect) return { answer, faults: [redirect.fault] };
    if (trail.length > MOST_REDIRECTS) return { answer, faults: [`redirects more than ${MOST_REDIRECTS} times`] };
    question = redirect.next;
  }
}

/** A redirect that was not wanted: where to. */
function hint(check: HttpCheck, answer: Answer, redirect: ReturnType<typeof readRedirect>): string[] {
  if (!redirect || check.status.includes(answer.status)) return [];
  return ['fault' in redirect ? redirect.fault : `redirects to ${redirect.next.path}; follow: true would go there`];
}

/** `GET http://127.0.0.1:4123/ (Host: shop.example), then /login`. */
function trailWords(check: HttpCheck, endpoint: Endpoint, trail: readonly Question[], redact: Redact): string {
  const [first, ...others] = trail;
  const host = hostHeader(check);
  const url = check.tls ? formatEndpointUrl(endpoint).replace(/^http:/, 'https:') : formatEndpointUrl(endpoint);
  const named = host === undefined ? '' : ` (Host: ${host})`;
  const then = others.map(({ path }) => `, then ${redact(path).slice(0, QUOTED)}`).join('');
  return `${first?.method ?? 'GET'} ${url}${first?.path ?? check.path}${named}${then}`;
}

function slowness({ timeoutMs }: HttpCheck, { status, bytes }: Progress): string {
  return status === undefined
    ? `did not answer within ${timeoutMs} ms`
    : `answered ${status} and ${bytes} bytes, but did not come to an end within ${timeoutMs} ms`;
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed before the answer was complete',
  EPROTO: 'there is no TLS to speak to',
};

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error.message;
  return REASONS[code] ?? (error.message.includes(code) ? error.message : `${error.message} (${code})`);
}
