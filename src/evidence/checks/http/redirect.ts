import type { HttpCheck } from '../../../domain/evidence/checks.ts';
import type { Endpoint } from '../../../domain/service/revision.ts';
import type { Redact } from '../outcome.ts';
import { quoteShort } from '../quote.ts';
import { type Answer, hostHeader, type Question } from './exchange.ts';

/** As many as Kubernetes' probes follow. */
export const MOST_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const LONGEST_SHOWN = 200;

/**
 * Where an answer leads: to a further question to the same endpoint, or elsewhere, which `fault` says. Undefined where it
 * is no redirect. Anything but this endpoint would prove nothing of the revision.
 */
export function readRedirect(
  check: HttpCheck,
  endpoint: Endpoint,
  question: Question,
  answer: Answer,
  redact: Redact,
): { next: Question } | { fault: string } | undefined {
  const location = answer.headers.location?.[0];
  if (!REDIRECTS.has(answer.status) || location === undefined) return undefined;
  const base = `${check.tls ? 'https' : 'http'}://${authorities(check, endpoint)[0] ?? ''}`;
  const shown = quoteShort(redact(location), LONGEST_SHOWN);
  if (!URL.canParse(location, base + question.path)) return { fault: `redirects to ${shown}, which is no address` };
  const target = new URL(location, base + question.path);
  const same = authorities(check, endpoint).some((authority) => originOf(check, authority) === target.origin);
  if (!same) return { fault: `redirects to ${shown}, which is not this endpoint${wantsTls(check, target)}` };
  return { next: { ...methodAfter(answer.status, question), path: target.pathname + target.search } };
}

/** Said of a redirect, followed or not, to what is most often meant for clients without TLS. */
function wantsTls(check: HttpCheck, target: URL): string {
  if (check.tls || target.protocol !== 'https:') return '';
  return "; what ends TLS in front of a service sends it 'X-Forwarded-Proto: https', which requestHeaders can do";
}

/** The names this endpoint goes by. */
function authorities(check: HttpCheck, { host, port }: Endpoint): string[] {
  const own = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const named = hostHeader(check);
  return named === undefined ? [own] : [named, own];
}

function originOf(check: HttpCheck, authority: string): string | undefined {
  return URL.parse(`${check.tls ? 'https' : 'http'}://${authority}`)?.origin;
}

/** After RFC 9110 (15.4): 303 asks for the answer with GET, and so do 301 and 302 after a POST, as browsers have it. */
function methodAfter(status: number, question: Question): Omit<Question, 'path'> {
  const { method, body } = question;
  const changes = status === 303 ? method !== 'HEAD' : (status === 301 || status === 302) && method === 'POST';
  return changes ? { method: 'GET' } : { method, ...(body === undefined ? {} : { body }) };
}
