import type { CheckSpec, CheckTiming, HttpCheck } from '../domain/checks.ts';
import { NAME } from '../domain/service.ts';
import { DEFAULT_CHECKS, DEFAULT_STATUS, DEFAULT_TIMING } from './defaults.ts';
import { formatDuration } from './duration.ts';
import type { Reader, Spot } from './reader.ts';
import { readStatus } from './status-codes.ts';

const CHECK_KEYS = ['name', 'http', 'command', 'successes', 'interval', 'timeout', 'deadline'] as const;
const HTTP_KEYS = ['path', 'status', 'headers', 'bodyContains', 'maxLatency'] as const;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const PATH = /^\/[^\s#]*$/;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_CHECKS = 50;

/** The `checks` of a manifest; {@link DEFAULT_CHECKS} where it has none. */
export function readChecks(reader: Reader, spot: Spot | undefined): CheckSpec[] {
  if (!spot) return structuredClone(DEFAULT_CHECKS);
  const items = reader.items(spot, 'a list of checks');
  if (items?.length === 0) {
    reader.fault(spot, 'at least one check, or no checks key for one HTTP check on /', 'an empty list');
  }
  if (items && items.length > MOST_CHECKS) reader.fault(spot, `at most ${MOST_CHECKS} checks`, String(items.length));
  const seen = new Set<string>();
  return (items ?? []).slice(0, MOST_CHECKS).flatMap((item) => readCheck(reader, item, seen) ?? []);
}

function readCheck(reader: Reader, spot: Spot, seen: Set<string>): CheckSpec | null {
  const fields = reader.fields(spot, CHECK_KEYS);
  const name = readName(reader, spot, fields.name, seen);
  const timing = readTiming(reader, fields);
  if (fields.http && fields.command) return reader.fault(spot, 'either http or command', 'both');
  if (fields.http) return { ...readHttp(reader, fields.http, timing), name, ...timing };
  if (fields.command) return { kind: 'command', name, command: readCommand(reader, fields.command), ...timing };
  return reader.missing(spot, 'http', 'http: {path: /} or command: [program, argument]');
}

function readName(reader: Reader, check: Spot, spot: Spot | undefined, seen: Set<string>): string {
  const wanted = 'a name of lower-case letters, digits and hyphens, at most 40, such as answers';
  if (!spot) reader.missing(check, 'name', wanted);
  const name = spot && reader.text(spot, wanted, NAME);
  if (spot && name && seen.has(name)) reader.fault(spot, 'a name of its own', `'${name}' a second time`);
  if (name) seen.add(name);
  return name ?? '';
}

function readTiming(reader: Reader, fields: Partial<Record<keyof typeof TIMES | 'successes', Spot>>): CheckTiming {
  const { successes, deadline, timeout } = fields;
  const timing: CheckTiming = { ...DEFAULT_TIMING };
  if (successes) timing.successes = reader.wholeNumber(successes, { least: 1, most: 100 }) ?? timing.successes;
  for (const [key, { field, ...limits }] of Object.entries(TIMES)) {
    const spot = fields[key as keyof typeof TIMES];
    if (spot) timing[field] = reader.duration(spot, limits) ?? timing[field];
  }
  const span = (timing.successes - 1) * timing.intervalMs;
  if (span >= timing.deadlineMs) {
    const spot = deadline ?? fields.interval ?? successes;
    if (spot) reader.fault(spot, `a deadline beyond ${successesTake(timing, span)}`, formatDuration(timing.deadlineMs));
  }
  if (timing.timeoutMs > timing.deadlineMs) {
    // A short deadline alone shortens the default time-out; only two given ones can contradict each other.
    if (!timeout) timing.timeoutMs = timing.deadlineMs;
    else
      reader.fault(
        timeout,
        `a timeout within the deadline of ${formatDuration(timing.deadlineMs)}`,
        formatDuration(timing.timeoutMs),
      );
  }
  return timing;
}

const TIMES = {
  interval: { field: 'intervalMs', least: 10, most: HOUR, words: 'from 10ms to 1h' },
  timeout: { field: 'timeoutMs', least: 10, most: HOUR, words: 'from 10ms to 1h' },
  deadline: { field: 'deadlineMs', least: 10, most: DAY, words: 'from 10ms to 24h' },
} as const;

function successesTake(timing: CheckTiming, span: number): string {
  return `the ${formatDuration(span)} that ${timing.successes} successes take`;
}

function readHttp(reader: Reader, spot: Spot, timing: CheckTiming): Omit<HttpCheck, keyof CheckTiming | 'name'> {
  const fields = reader.fields(spot, HTTP_KEYS);
  const { path, bodyContains, maxLatency } = fields;
  const body = bodyContains && reader.text(bodyContains);
  const limits = {
    least: 1,
    most: timing.timeoutMs,
    words: `up to the timeout of ${formatDuration(timing.timeoutMs)}`,
  };
  const latency = maxLatency && reader.duration(maxLatency, limits);
  return {
    kind: 'http',
    path: (path && reader.text(path, 'a path that begins with /, without spaces and #', PATH)) ?? '/',
    status: fields.status ? readStatus(reader, fields.status) : [...DEFAULT_STATUS],
    headers: fields.headers ? readHeaders(reader, fields.headers) : {},
    ...(typeof body === 'string' ? { bodyContains: body } : {}),
    ...(typeof latency === 'number' ? { maxLatencyMs: latency } : {}),
  };
}

function readHeaders(reader: Reader, spot: Spot): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of reader.entries(spot) ?? []) {
    const key = name.toLowerCase();
    const text = reader.text(value, "the header's exact value");
    if (!HEADER_NAME.test(name)) reader.fault(value, 'a header name, such as content-type', `'${name}'`);
    if (headers.has(key)) reader.fault(value, 'each header once (case does not matter)', `'${name}' a second time`);
    headers.set(key, text ?? '');
  }
  return Object.fromEntries(headers);
}

function readCommand(reader: Reader, spot: Spot): string[] {
  const words = reader.items(spot, 'a list: program and arguments, such as [curl, -f, "{url}/healthz"]');
  if (words?.length === 0) reader.fault(spot, 'a program to run', 'an empty list');
  return (words ?? []).flatMap((word) => reader.text(word) ?? []);
}
