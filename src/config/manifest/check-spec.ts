import type { CheckSpec, CheckTiming, HttpCheck, TextMatch } from '../../domain/evidence/checks.ts';
import type { CheckFields } from './check-schema.ts';
import { chooseTimeout } from './defaults.ts';
import type { HttpFields } from './http-schema.ts';

/** A check that a manifest describes. */
export function buildCheck({ name, http, command, workingDirectory, ...times }: CheckFields): CheckSpec {
  const { successes, interval, deadline, timeout } = times;
  const timing: CheckTiming = {
    successes,
    intervalMs: interval,
    timeoutMs: chooseTimeout(timeout, deadline),
    deadlineMs: deadline,
  };
  if (http) return { kind: 'http', name, ...httpOf(http), ...timing };
  const place = workingDirectory === undefined ? {} : { workingDirectory };
  return { kind: 'command', name, command: command ?? [], ...place, ...timing };
}

/** A check as a manifest describes it, complete with what it says by default. */
export function buildCheckFields(check: CheckSpec): CheckFields {
  const { name, successes, intervalMs: interval, timeoutMs: timeout, deadlineMs: deadline } = check;
  const times = { successes, interval, timeout, deadline };
  if (check.kind === 'http') return { name, http: httpKeysOf(check), ...times };
  const { command, workingDirectory } = check;
  return { name, command, ...(workingDirectory === undefined ? {} : { workingDirectory }), ...times };
}

function httpOf({ maxLatency, ...http }: HttpFields): Omit<HttpCheck, keyof CheckTiming | 'kind' | 'name'> {
  const { path, status, method, requestHeaders, requestBody, tls, follow, bodyContains, bodyMatches, json } = http;
  const responseHeaders = Object.entries(http.responseHeaders).map(([name, match]) => [
    name.toLowerCase(),
    matchOf(match),
  ]);
  return {
    path,
    status,
    responseHeaders: Object.fromEntries(responseHeaders) as HttpCheck['responseHeaders'],
    ...(method === undefined ? {} : { method }),
    ...(requestHeaders === undefined || Object.keys(requestHeaders).length === 0 ? {} : { requestHeaders }),
    ...(requestBody === undefined ? {} : { requestBody }),
    ...tlsOf(tls),
    ...(follow ? { follow } : {}),
    ...(bodyContains === undefined ? {} : { bodyContains }),
    ...(bodyMatches === undefined ? {} : { bodyMatches }),
    ...(json === undefined || json.length === 0 ? {} : { json: json.map(assertionOf) }),
    ...(maxLatency === undefined ? {} : { maxLatencyMs: maxLatency }),
  };
}

function httpKeysOf(check: HttpCheck): HttpFields {
  const { path, status, method, requestHeaders, requestBody, tls, follow = false } = check;
  const { responseHeaders, bodyContains, bodyMatches, json, maxLatencyMs: maxLatency } = check;
  const asked = { path, method, requestHeaders, requestBody, tls, follow };
  return { ...asked, status, responseHeaders, bodyContains, bodyMatches, json, maxLatency };
}

function tlsOf(tls: HttpFields['tls']): Pick<HttpCheck, 'tls'> {
  if (tls === undefined || tls === false) return {};
  if (tls === true) return { tls: {} };
  const { insecure, serverName } = tls;
  return { tls: { ...(insecure ? { insecure } : {}), ...(serverName === undefined ? {} : { serverName }) } };
}

function matchOf(match: HttpFields['responseHeaders'][string]): TextMatch {
  if (typeof match === 'string') return { equals: match };
  if (match.contains !== undefined) return { contains: match.contains };
  return match.matches === undefined ? { equals: match.equals ?? '' } : { matches: match.matches };
}

function assertionOf({
  path,
  equals,
  matches,
}: NonNullable<HttpFields['json']>[number]): NonNullable<HttpCheck['json']>[number] {
  return { path, ...(equals === undefined ? {} : { equals }), ...(matches === undefined ? {} : { matches }) };
}
